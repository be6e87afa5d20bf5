// A table that refreshes by itself waits while somebody works in it: rows ticked,
// a menu open, or the cursor in its filter.
(() => {
  if (window.stockPatience) return;
  window.stockPatience = true;
  const busy = (part) => part && (part.querySelector("tbody .tick:checked, :popover-open") || part.contains(document.activeElement) && document.activeElement.matches("input, button"));
  // A number that is suggested goes into its field, as if it was typed.
  document.addEventListener("click", (e) => {
    const from = e.target.closest?.("[data-take]");
    const field = from && document.getElementById(from.dataset.into);
    if (!field) return;
    field.value = from.dataset.take;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
  document.addEventListener("htmx:beforeRequest", (e) => {
    const id = e.target.dataset?.patient;
    if (id && !e.detail.requestConfig.triggeringEvent?.type.endsWith("-changed") && busy(document.getElementById(id))) e.preventDefault();
  });
})();
