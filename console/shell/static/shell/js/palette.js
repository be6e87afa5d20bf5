// Command palette and single-key shortcuts (which can be switched off, WCAG 2.1.4).
(() => {
  const { $, $$, el, icon } = DB, body = document.body, palette = $("#palette");
  if (!palette) return;
  const places = JSON.parse($("#palette-places").textContent), sources = palette.dataset.search.split(" ").filter(Boolean);
  const input = $("#palette-q"), list = $("#palette-list");
  let found = [], hits = [], at = 0, asked = 0, timer;

  const keys = (k) => k.split(" ").filter(Boolean).map((x) => el("kbd", {}, x));
  const option = (c, n) => el("div", { id: `po${n}`, dataset: { n }, attrs: { role: "option", "aria-selected": n === at } }, icon(c.ic || "tag"), c.t, el("small", {}, ...(c.k ? keys(c.k) : [c.s || ""])));
  const draw = () => {
    const text = input.value.trim().toLowerCase();
    hits = [...places.filter((c) => c.t.toLowerCase().includes(text)), ...(text ? found : [])];
    at = Math.min(at, Math.max(0, hits.length - 1));
    let group = "";
    list.replaceChildren(...hits.flatMap((c, n) => [...(c.g === group ? [] : [el("div", { attrs: { role: "presentation" } }, (group = c.g))]), option(c, n)]));
    if (!hits.length) list.append(el("div.empty", {}, "Nothing found. Try a campaign code or a SKU."));
    input.setAttribute("aria-activedescendant", hits.length ? `po${at}` : "");
  };
  const ask = async () => {
    const text = input.value.trim(), mine = ++asked;
    if (text.length < 2) { found = []; return; }
    const answers = await Promise.all(sources.map((url) => fetch(`${url}?q=${encodeURIComponent(text)}`, { headers: { accept: "application/json" } }).then((r) => r.ok ? r.json() : []).catch(() => [])));
    if (mine !== asked) return; // an older question
    found = answers.flat(); draw();
  };
  const go = (n) => { if (hits[n]) location.href = hits[n].h; };
  input.addEventListener("input", () => { at = 0; draw(); clearTimeout(timer); timer = setTimeout(ask, 150); });
  input.addEventListener("keydown", (e) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step && hits.length) { e.preventDefault(); at = (at + step + hits.length) % hits.length; draw(); $(`#po${at}`)?.scrollIntoView({ block: "nearest" }); }
    if (e.key === "Enter") { e.preventDefault(); go(at); }
  });
  list.addEventListener("click", (e) => { const o = e.target.closest('[role="option"]'); if (o) go(+o.dataset.n); });
  // Before it opens, not after: "toggle" comes a task later and would wipe what was typed since.
  palette.addEventListener("beforetoggle", (e) => { if (e.newState === "open") { input.value = ""; found = []; at = 0; draw(); } });
  draw();

  const on = $("#keys-on");
  try { on.checked = localStorage.getItem("keys") !== "off"; } catch { /* on */ }
  on.addEventListener("change", () => { try { localStorage.setItem("keys", on.checked ? "on" : "off"); } catch { /* lasts for this page */ } });
  let chord = 0;
  addEventListener("keydown", (e) => {
    if ((e.metaKey || e.ctrlKey) && e.key.toLowerCase() === "k") { e.preventDefault(); palette.open ? palette.close() : palette.showModal(); return; }
    if (e.metaKey || e.ctrlKey || e.altKey || !on.checked || e.target.closest?.("input, select, textarea, dialog, [role=slider], [contenteditable]")) return;
    const key = e.key.toLowerCase(), place = chord && Date.now() - chord < 1200 && $(`#nav [data-key="${CSS.escape(key)}"]`);
    if (place) { location.href = place.href; return; }
    chord = key === "g" ? Date.now() : 0;
    if (key === "?") $("#keys").showModal();
    if (key === "/") { const f = $("[data-filter], [data-find]"); if (f) { e.preventDefault(); f.focus(); } }
    if (key === "n") { const create = places.find((p) => p.k === "N"); if (create) location.href = create.h; }
    if (key === "f" && body.classList.contains("wall")) document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.();
    if (key === "u") $("#live-toggle, #stock-toggle")?.click();
  });
})();
