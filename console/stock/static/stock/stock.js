// A table that refreshes by itself waits while somebody works in it: rows ticked,
// a menu open, or the cursor in its filter.
(() => {
  if (window.stockPatience) return;
  window.stockPatience = true;
  const busy = (part) => part && (part.querySelector("tbody .tick:checked, :popover-open") || part.contains(document.activeElement) && document.activeElement.matches("input, button"));
  document.addEventListener("htmx:beforeRequest", (e) => {
    const id = e.target.dataset?.patient;
    if (id && e.detail.requestConfig.triggeringEvent?.type !== "stock-changed" && busy(document.getElementById(id))) e.preventDefault();
  });
})();
