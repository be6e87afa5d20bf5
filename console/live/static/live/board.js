// The board: applies snapshots, says how old they are, and can be told to hold still.
(() => {
  const { $, el, icon } = DB, root = $("#live");
  if (!root) return;
  const STALE_MS = 5000, GONE_MS = 30000, cards = JSON.parse($("#live-cards").textContent), list = $("#alert-list"), fresh = $("#fresh");
  const TONES = { warn: "triangle-alert", bad: "octagon-x" };
  let seen = null, shown = fresh.dataset.at ? Date.parse(fresh.dataset.at) : 0, paused = false, asked = 0, said = 0;
  const told = new Set();

  const card = (c) => c.dialog
    ? el("button.btn.btn--sm", { type: "button", attrs: { "hx-get": c.url, "hx-target": "#dialogs" } }, c.label)
    : el("a.btn.btn--sm", { href: c.url }, c.label);
  const ack = (a) => list.dataset.ack && !a.acked && el("button.btn.btn--sm.btn--ghost", { type: "button", attrs: { "hx-post": list.dataset.ack.replace("/0/", `/${a.id}/`), "hx-swap": "none" } }, "I look after it");
  const alert = (a) => {
    const isNew = a.tone === "bad" && !told.has(a.id);
    told.add(a.id);
    return el("article.alert", { dataset: { tone: a.tone, id: a.id }, attrs: isNew && seen ? { role: "alert" } : {} }, icon(TONES[a.tone]), el("h3.alert__t", {}, a.title), el("time", { dataset: { age: a.since } }, DB.old(DB.now() - Date.parse(a.since))),
      el("div.alert__b", {}, el("p.alert__d", {}, a.acked ? `${a.detail} Looked after.` : a.detail), el("div.alert__a", {}, ...(cards[a.act] || []).map(card), ack(a) || null)));
  };
  const alerts = (f) => {
    const key = JSON.stringify(f.alerts);
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    const held = list.contains(document.activeElement) && document.activeElement.closest("[data-id]")?.dataset.id;
    list.replaceChildren(...(f.alerts.length ? f.alerts.map(alert) : [el("p.alerts__none.muted", {}, icon("circle-check", "sm"), "Nothing to do.")]));
    htmx.process(list);
    if (held) $(`[data-id="${held}"] .btn`, list)?.focus();
    $('[data-n="alert_count"]').textContent = f.alerts.length ? `${f.alerts.length} open` : "";
  };
  const line = (e, isNew) => el(isNew ? "li.is-new" : "li", {}, el("time", { dateTime: e.at }, DB.hms(Date.parse(e.at))), el("span", { dataset: e.tone ? { tone: e.tone } : {} }, icon(e.icon)), el("span", {}, e.text, e.who ? el("span.who", {}, ` ${e.who}`) : null));
  const feed = (f) => {
    const box = $("#feed-list"), key = JSON.stringify(f.activity);
    if (!f.activity.length || box.dataset.key === key) return;
    const last = box.dataset.last || "";
    box.dataset.key = key; box.dataset.last = f.activity[0].at;
    box.replaceChildren(...f.activity.map((e) => line(e, last && e.at > last)));
  };
  /* A state or an end that changed changes the buttons too: the bar comes anew. */
  const state = (f) => {
    const second = (at) => Math.floor(Date.parse(at) / 1000);
    if (f.state === root.dataset.state && second(f.closes_at) === second(root.dataset.closes)) return;
    root.dataset.state = f.state; root.dataset.closes = f.closes_at;
    htmx.trigger(document.body, "campaign-changed");
  };
  const panels = () => { // a SKU or a part that was not there: both tables come anew
    if (performance.now() - asked < 5000) return;
    asked = performance.now();
    for (const id of ["#board", "#health"]) htmx.ajax("GET", root.dataset.panels, { target: id, select: id, swap: "outerHTML" });
  };
  const steps = (f) => { const s = $("#wbar-steps"), t = f.steps; if (s) s.textContent = `${t.verified + t.reverted + t.skipped} of ${t.total} steps done`; };
  const apply = (f) => {
    Live.numbers(f); steps(f); alerts(f); feed(f);
    const whole = [Live.skus(f), Live.health(f)].every(Boolean);
    if (!whole) panels();
    Live.points?.(f.points);
    shown = Date.parse(f.at);
    summary(f);
  };
  const summary = (f) => { // politely, once a minute
    if (performance.now() - said < 60000) return;
    said = performance.now();
    DB.say(`${Live.number(f.numbers.per_minute)} orders per minute, revenue ${Live.money(f.numbers.revenue)}, oversold ${f.numbers.oversold}`);
  };

  const age = () => {
    const ms = Math.max(0, DB.now() - shown), text = $("span", fresh), over = ["closed", "aborted", "failed"].includes(root.dataset.state);
    const stale = shown && ms > STALE_MS && !over;
    if (!shown) text.textContent = "No data yet";
    else if (over) text.textContent = `Last data ${DB.old(ms)} old`;
    else text.textContent = paused ? `Paused, ${DB.old(ms)} old` : ms > GONE_MS ? `No data for ${DB.old(ms)}` : `Data ${ms < 1000 ? "1 s" : DB.old(ms)} old`;
    fresh.dataset.tone = !shown || over ? "" : stale ? (ms > GONE_MS && !paused ? "bad" : "warn") : paused ? "warn" : "ok";
    root.classList.toggle("is-stale", Boolean(stale));
    const bar = $("#wall-bar"), opens = Date.parse(bar?.dataset.opens), closes = Date.parse(bar?.dataset.closes);
    if (closes > opens) Live.bar($("#wbar-p"), Math.min(100, Math.max(0, (100 * (DB.now() - opens)) / (closes - opens))));
  };
  const toggle = $("#live-toggle");
  toggle?.addEventListener("click", () => {
    paused = !paused;
    toggle.replaceChildren(icon(paused ? "play" : "pause"), el("span", {}, paused ? "Resume updates" : "Pause updates"));
    if (!paused && seen) apply(seen);
    age();
  });
  document.addEventListener("snapshot", (e) => {
    const f = e.detail;
    if (seen && f.at < seen.at) return; // an older one that came late
    const first = !seen;
    seen = f;
    state(f);
    if (!paused) { apply(f); if (first) age(); }
  });
  document.body.addEventListener("htmx:load", () => { if (seen && !paused) { Live.skus(seen); Live.health(seen); steps(seen); } age(); });
  const start = JSON.parse($("#live-snapshot").textContent);
  if (start.at) { alerts(start); feed(start); }
  age(); setInterval(age, 1000);
})();
