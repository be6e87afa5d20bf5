// A table that refreshes by itself waits while somebody works in it: rows ticked,
// a menu open, or the cursor in its filter. A button with an id keeps the cursor.
// Behind a dialog all wait, or the button that opened it could not have the cursor back.
(() => {
  if (window.stockPatience) return;
  window.stockPatience = true;
  const busy = (part) => part && (document.querySelector("#dialogs dialog[open]") || part.querySelector("tbody .tick:checked, :popover-open") || part.contains(document.activeElement) && document.activeElement.matches("input, select, button:not([id])"));
  // A number that is suggested goes into its field, as if it was typed.
  document.addEventListener("click", (e) => {
    const from = e.target.closest?.("[data-take]");
    const field = from && document.getElementById(from.dataset.into);
    if (!field) return;
    field.value = from.dataset.take;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
  // A planned row is taken out: those below move up, and the last one is free.
  document.addEventListener("click", (e) => {
    const button = e.target.closest?.("[data-drop-row]");
    if (!button) return;
    const rows = [...button.closest("tbody").rows].map((row) => [...row.querySelectorAll("input")]);
    const at = button.closest("tr").sectionRowIndex;
    const gone = rows[at].some((field) => field.value);
    rows.slice(at).forEach((row, i, all) => row.forEach((field, j) => {
      field.value = all[i + 1]?.[j].value ?? "";
      field.removeAttribute("aria-invalid");
    }));
    const said = document.getElementById("waves-said");
    if (said) said.textContent = gone ? `Wave ${at + 1} is taken out once you save.` : "";
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
  // What somebody unfolded stays so when its part comes anew.
  const unfolded = new Set();
  document.addEventListener("toggle", ({ target }) => {
    if (target.matches?.("#panel .fold[id]")) unfolded[target.open ? "add" : "delete"](target.id);
  }, true);
  document.addEventListener("htmx:load", () => unfolded.forEach((id) => document.getElementById(id)?.setAttribute("open", "")));
  // A menu that was opened while the answer was on its way stays open.
  document.addEventListener("htmx:beforeSwap", (e) => { if (waits(e.detail.requestConfig)) e.detail.shouldSwap = false; });
})();
