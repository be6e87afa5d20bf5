// Tables: ticks and the bulk bar, a filter in place, Enter walks down a column.
(() => {
  const { $, $$ } = DB;
  const ticks = (table) => $$("tbody .tick", table);
  const sync = (table) => {
    const rows = ticks(table), n = rows.filter((r) => r.checked).length, all = $("thead .tick", table), bar = document.getElementById(table.dataset.bulk);
    if (all) { all.checked = n > 0 && n === rows.length; all.indeterminate = n > 0 && n < rows.length; }
    if (!bar) return;
    bar.hidden = !n;
    const count = $("[data-n]", bar); if (count) count.textContent = `${n} selected`;
  };
  let last = null;
  document.addEventListener("click", (e) => { // shift-click selects a range
    const tick = e.target.closest("table[data-bulk] tbody .tick");
    if (tick) {
      const table = tick.closest("table"), rows = ticks(table), a = rows.indexOf(last), b = rows.indexOf(tick);
      if (e.shiftKey && a >= 0) rows.slice(Math.min(a, b), Math.max(a, b) + 1).forEach((r) => { r.checked = tick.checked; });
      last = tick; sync(table);
    }
    const bar = e.target.closest("[data-clear]")?.closest(".bulkbar"), table = bar && $(`table[data-bulk="${bar.id}"]`);
    if (table) { ticks(table).forEach((r) => { r.checked = false; }); sync(table); }
  });
  document.addEventListener("change", (e) => {
    const table = e.target.closest?.("table[data-bulk]"); if (!table) return;
    if (e.target.matches("thead .tick")) ticks(table).forEach((r) => { r.checked = e.target.checked; });
    sync(table);
  });

  /* <input data-filter="#id tbody tr"> hides what does not match. */
  document.addEventListener("input", (e) => {
    const rows = e.target.dataset?.filter; if (!rows) return;
    const text = e.target.value.toLowerCase();
    $$(rows).forEach((r) => { r.hidden = !r.textContent.toLowerCase().includes(text); });
  });

  /* Enter goes to the next row's cell of the same column, as in a sheet. */
  document.addEventListener("keydown", (e) => {
    const cell = e.key === "Enter" && e.target.closest?.(".cell-input"); if (!cell) return;
    e.preventDefault();
    const td = cell.closest("td"), n = [...td.parentNode.children].indexOf(td);
    let tr = td.parentNode;
    do tr = e.shiftKey ? tr.previousElementSibling : tr.nextElementSibling; while (tr && !$(".cell-input", tr.children[n] || tr));
    const next = tr && $(".cell-input", tr.children[n]);
    if (next) next.select(); else cell.blur();
  });

  const scan = (root) => $$("table[data-bulk]", root).forEach(sync);
  document.body.addEventListener("htmx:load", (e) => scan(e.detail.elt.parentElement || document));
  scan(document);
})();
