// A table that refreshes by itself waits while somebody works in it: rows ticked,
// a menu open, or the cursor in its filter. A button with an id keeps the cursor.
(() => {
  if (window.stockPatience) return;
  window.stockPatience = true;
  const busy = (part) => part && (part.querySelector("tbody .tick:checked, :popover-open") || part.contains(document.activeElement) && document.activeElement.matches("input, select, button:not([id])"));
  // A number that is suggested goes into its field, as if it was typed.
  document.addEventListener("click", (e) => {
    const from = e.target.closest?.("[data-take]");
    const field = from && document.getElementById(from.dataset.into);
    if (!field) return;
    field.value = from.dataset.take;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
  // Numbers may be held still (WCAG 2.2.2); what somebody changed is shown all the same.
  let paused = false;
  const tell = () => {
    const toggle = document.getElementById("stock-toggle");
    toggle?.querySelectorAll("[data-paused]").forEach((said) => { said.hidden = (said.dataset.paused === "yes") !== paused; });
  };
  document.addEventListener("click", (e) => {
    if (!e.target.closest?.("#stock-toggle")) return;
    paused = !paused;
    tell();
    if (!paused) htmx.trigger(document.body, "stock-changed");
  });
  document.addEventListener("htmx:load", tell);
  const polls = (part) => part.matches?.("#panel i[hidden], i[hidden][data-patient]");
  const waits = ({ elt, triggeringEvent }) => {
    if (triggeringEvent?.type.endsWith("-changed")) return false;
    const id = elt?.dataset?.patient;
    return (paused && polls(elt)) || Boolean(id && busy(document.getElementById(id)));
  };
  document.addEventListener("htmx:beforeRequest", (e) => { if (waits(e.detail.requestConfig)) e.preventDefault(); });
  // A menu that was opened while the answer was on its way stays open.
  document.addEventListener("htmx:beforeSwap", (e) => { if (waits(e.detail.requestConfig)) e.detail.shouldSwap = false; });
})();
