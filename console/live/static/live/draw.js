// Drawing numbers in place: nothing moves, what changed is tinted, unknown is an en dash.
(() => {
  const { $, $$, el, icon } = DB, root = $("#live");
  if (!root) return;
  const NONE = "–", whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 }), known = (v) => v !== null && v !== undefined && v !== "";
  const number = (v, digits = 0) => (known(v) ? Number(v).toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−") : NONE);
  const money = (v) => {
    if (!known(v)) return NONE;
    const form = { style: "currency", currency: root.dataset.currency, ...(Math.abs(v) >= 10000 && { minimumFractionDigits: 0, maximumFractionDigits: 0 }) };
    return Number(v).toLocaleString("en-GB", form);
  };
  const ms = (v) => (known(v) ? (v < 10 ? v.toFixed(1) : whole.format(v)) : NONE);
  const minutes = (m) => DB.old(Math.max(1, Math.round(m)) * 60000);
  const set = (node, text) => {
    if (!node || node.textContent === text) return;
    node.textContent = text;
    node.classList.remove("flash"); void node.offsetWidth; node.classList.add("flash");
  };
  const n = (name) => $(`[data-n="${name}"]`);
  const toned = (node, tone, name, text) => {
    const key = `${tone}|${name}|${text}`;
    if (!node || node.dataset.key === key) return;
    node.dataset.key = key; node.dataset.tone = tone;
    node.replaceChildren(...(name ? [icon(name)] : []), text);
  };
  const badge = (tone, name, text) => el("span.badge.badge--plain", { dataset: { tone } }, icon(name), text);
  const bar = (node, share) => { if (node) { node.style.setProperty("--v", share.toFixed(1)); node.parentElement.setAttribute("aria-valuenow", Math.round(share)); } };
  const path = (values, w, h) => {
    if (values.length < 2) return ["", ""];
    const top = Math.max(...values, 0.001) * 1.1, step = w / (values.length - 1);
    const line = "M" + values.map((v, i) => `${(i * step).toFixed(1)},${(h - (h * v) / top).toFixed(1)}`).join(" L");
    return [line, `${line} L${w},${h} L0,${h} Z`];
  };

  const numbers = (f) => {
    const x = f.numbers, b = f.backlog, over = x.over_forecast;
    set(n("per_minute"), number(x.per_minute));
    if (known(over)) {
      const text = `${number(Math.abs(over) * 100)}% ${over < 0 ? "under" : "over"} forecast`;
      toned(n("over_forecast"), over < -0.25 ? "warn" : over > 0 ? "ok" : "", over < 0 ? "trending-down" : "trending-up", text);
    } else toned(n("over_forecast"), "", "", known(x.forecast) ? `forecast ${number(x.forecast)}` : "");
    set(n("revenue"), money(x.revenue));
    if (known(x.target)) bar($(".bar > i", n("revenue").parentElement), Math.min(100, (100 * x.revenue) / x.target));
    set(n("sell_through"), x.sellable ? `${number((100 * x.sold) / x.sellable, 1)}%` : NONE);
    set(n("sold_of"), `${number(x.sold)} of ${number(x.sellable)}${x.stopped ? `, ${number(x.stopped)} stopped` : ""}`);
    set(n("reserved"), number(x.reserved));
    set(n("oversold"), number(x.oversold));
    x.oversold ? toned(n("oversold_s"), "bad", "octagon-x", "Stop and look") : toned(n("oversold_s"), "ok", "circle-check", "None");
    set(n("backlog"), number(b.waiting));
    drain(n("backlog_s"), b, Date.parse(f.at));
  };
  const drain = (node, b, at) => {
    if (!b.waiting) return toned(node, "", "", "none waits");
    if (b.paused.length) return toned(node, "warn", "pause", "relay is paused");
    if (b.held.length) return toned(node, "warn", "triangle-alert", `${b.held[0]} does not answer`);
    if (b.drain_s === null) return toned(node, "warn", "triangle-alert", "never clears at this rate");
    const text = b.drain_s < 1 ? "clear in under 1 s" : b.drain_s < 60 ? `clear in ${b.drain_s} s` : `clear about ${DB.hms(at + b.drain_s * 1000).slice(0, 5)}`;
    toned(node, b.drain_s > 300 ? "warn" : "", b.drain_s > 300 ? "triangle-alert" : "", text);
  };
  const eta = (sku) => {
    if (sku.left <= 0) return badge("", "archive", "Sold out");
    if (sku.stopped) return badge("bad", "pause", "Stopped");
    const e = sku.eta;
    if (!e || e.mid === null) return NONE;
    if (e.lasts) return el("span.faint", {}, "lasts");
    return e.mid <= 5 ? badge("warn", "triangle-alert", minutes(e.mid)) : minutes(e.mid);
  };
  /* Rows stay where they are, so that none jumps under the pointer. False: a row is missing. */
  const skus = (f) => f.skus.map((s) => {
    const tr = $(`#board tr[data-sku="${CSS.escape(s.sku)}"]`);
    if (!tr) return false;
    const bars = $$(".stack > i", tr);
    [s.sold, s.reserved, s.left, s.buffer].forEach((v, i) => bars[i]?.style.setProperty("--w", ((100 * v) / Math.max(1, s.quantity)).toFixed(1)));
    if (bars[2]) bars[2].className = s.stopped ? "k-stop" : "k-left";
    set($(".js-left", tr), number(s.left));
    set($(".js-rate", tr), number(s.per_min));
    const cell = $(".js-eta", tr), fresh = eta(s), text = fresh.textContent ?? fresh;
    if (cell.textContent.trim() !== text) cell.replaceChildren(fresh);
    if (s.eta && s.eta.high) cell.title = `80% sure: ${minutes(s.eta.low)} to ${minutes(s.eta.high)}`;
    return true;
  }).every(Boolean);
  const LOOK = { ok: ["ok", "circle-check", "Good"], slow: ["warn", "triangle-alert", "Slow"], late: ["warn", "triangle-alert", "Late"], down: ["bad", "octagon-x", "Down"], unknown: ["", "circle-dashed", "Unknown"] };
  const health = (f) => f.health.map((p) => {
    const tr = $(`#health tr[data-part="${CSS.escape(p.name)}"]`);
    if (!tr) return false;
    const state = $(".js-state", tr), look = LOOK[p.state] || LOOK.unknown;
    if (state.textContent.trim() !== look[2]) state.replaceChildren(badge(...look));
    state.title = p.note;
    for (const q of ["p50", "p95", "p99"]) set($(`.js-${q}`, tr), ms(p[q]));
    set($(".js-errors", tr), known(p.errors) ? `${number(100 * p.errors, 2)}%` : NONE);
    $(".js-errors", tr).classList.toggle("is-bad", p.errors > 0.01);
    const asked = $(".js-asked time", tr);
    if (asked && p.at) asked.dataset.age = p.at;
    $(".js-line", tr).setAttribute("d", path(p.recent, 70, 20)[0]);
    return true;
  }).every(Boolean);
  window.Live = { set, number, money, numbers, skus, health, path, bar };
})();
