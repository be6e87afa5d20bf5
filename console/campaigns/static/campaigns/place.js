// Placing a draft: by mouse, touch or keys. The server judges every day of the grid in one
// answer; here the ghost follows, the card says why and offers the next day that passes.
(() => {
  const { $, $$, icon, el, toast } = DB, DAY = 864e5;
  const date = (text) => Date.parse(`${text}T00:00Z`), iso = (ms) => new Date(ms).toISOString().slice(0, 10);
  const words = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", weekday: "short", day: "numeric", month: "short" });
  const nice = (text) => words.format(date(text)).replace(",", "");
  const spell = (s) => [[Math.floor(s / 86400), "d"], [+((s % 86400) / 3600).toFixed(2), "h"]].filter(([n]) => n).map((part) => part.join(" ")).join(" ");
  const panel = () => $(".calpanel");
  let cur = null;

  const stop = () => {
    if (!cur) return;
    clearTimeout(resting);
    cur.el.remove(); cur.lane.classList.remove("is-placing"); panel()?.classList.remove("is-placing");
    cur.from.classList.remove("is-on"); cur = null;
  };
  const laneOf = (from) => from.closest(".lane") || $$(".lane").find((l) => l.dataset.lane === from.dataset.lane) || $(".lane");

  const ask = async (from, lasts) => {
    const { first, days } = panel().dataset, url = new URL(from.dataset.placeUrl, location.href);
    url.search = new URLSearchParams({ first, days, ...(lasts && { lasts_s: lasts }) });
    const reply = await fetch(url, { headers: { Accept: "application/json" } });
    if (!reply.ok) { toast(reply.status === 422 ? (await reply.json()).message : "The days could not be judged. Try again.", "bad"); return null; }
    return reply.json();
  };

  /* From a bar or a card: show every day of its lane as allowed or not, and the ghost. */
  const start = async (from, at) => {
    stop();
    const found = await ask(from);
    if (!found || cur) return;
    const lane = laneOf(from), n = found.days.length;
    const days = el("div.place__days"), ghost = el("div.place__g", { tabIndex: 0 }), card = el("div.place__c");
    const box = el("div.place", {}, days, ghost, card);
    box.style.setProperty("--n", n);
    cur = { el: box, lane, from, found, d: 0, days, ghost, card, n };
    Object.entries({ role: "slider", "aria-label": `Start of ${found.name}`, "aria-valuemin": 1, "aria-valuemax": n }).forEach(([k, v]) => ghost.setAttribute(k, v));
    lane.append(box); lane.classList.add("is-placing"); panel().classList.add("is-placing"); from.classList.add("is-on");
    paint(); move(at || pointed(from) || 1 + found.days.findIndex((d) => d.on === found.on) || 1 + found.days.findIndex((d) => d.v !== "past") || n);
    ghost.focus({ preventScroll: true }); ghost.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  /* Where a drag is by now: it may rest since before the days were judged. */
  const pointed = (from) => held?.from === from && !held.end && column(held.seen);
  const paint = () => cur.days.replaceChildren(...cur.found.days.map((d) => el("i", { dataset: { v: d.v } }, d.v === "past" ? null : icon(d.v === "ok" ? "check" : "x"))));
  const next = (k) => cur.found.days.slice(k).find((d) => d.v === "ok")?.on || cur.found.after;

  const move = (k) => {
    k = Math.max(1, Math.min(cur.n, k));
    if (k === cur.d) return;
    cur.d = k; show();
  };
  const show = () => {
    const { found, ghost, card, d: k, n } = cur, day = found.days[k - 1], ok = day.v === "ok", then = ok ? null : next(k);
    const span = Math.max(1, Math.ceil((clock(found.opens) + found.lasts_s) / 86400));
    cur.el.style.setProperty("--c", k); cur.el.style.setProperty("--d", Math.min(span, n - k + 1));
    cur.el.dataset.v = ok ? "ok" : "no"; cur.el.classList.toggle("is-right", k > n * 0.66);
    ghost.replaceChildren(icon(ok ? "check" : "ban"));
    ghost.setAttribute("aria-valuenow", k);
    ghost.setAttribute("aria-valuetext", `${nice(day.on)}, ${found.opens.slice(0, 5)} for ${spell(found.lasts_s)}: ${ok ? "allowed" : `not allowed. ${day.why.join(". ")}`}`);
    card.dataset.tone = ok ? (day.warn.length ? "warn" : "ok") : "bad";
    const why = ok ? day.warn : day.why;
    clearTimeout(resting); resting = setTimeout(ahead, 150);
    card.replaceChildren(...[
      el("div.place__h", {}, icon(ok ? "circle-check" : "ban"), el("b", {}, `${nice(day.on)}: ${ok ? "allowed" : "not allowed"}`)),
      el("p.muted", {}, `${found.opens.slice(0, 5)} for ${spell(found.lasts_s)}, ${found.zone.split("/").pop().replaceAll("_", " ")}`),
      why.length ? el("ul", {}, ...why.map((w) => el("li", {}, w))) : el("p", {}, "Every fatigue rule passes."),
      el("div.place__a", {},
        ok ? drop("Place here", day.on) : then ? drop(`Place on ${nice(then)}`, then) : el("span.muted", {}, "No day passes"),
        ok || !then ? null : el("span.muted", {}, "next allowed"),
        el("button.btn.btn--sm.btn--ghost", { type: "button", onclick: cancel }, "Cancel")),
      ok ? el("ul.place__f", { attrs: { "aria-live": "polite" } }) : null,
      el("div.place__l", {}, el("span.muted", {}, "Length"), size(-1, "Shorter", "minus"), size(1, "Longer", "plus")),
    ].filter(Boolean));
  };
  /* What the day would take from the claims of later sales; asked once the ghost rests. */
  const texts = (on) => { const opens = date(on) + clock(cur.found.opens) * 1000; return [opens, opens + cur.found.lasts_s * 1000].map((ms) => new Date(ms).toISOString().slice(0, 19)); };
  const ahead = async () => {
    const mine = cur, day = cur.found.days[cur.d - 1];
    if (day.v !== "ok") return;
    const [opens, closes] = texts(day.on), url = new URL(mine.from.dataset.aheadUrl, location.href);
    url.search = new URLSearchParams({ opens, closes });
    const reply = await fetch(url, { headers: { Accept: "application/json" } });
    if (!reply.ok || cur !== mine || cur.found.days[cur.d - 1] !== day) return;
    $(".place__f", mine.card)?.replaceChildren(...(await reply.json()).falls.map((text) => el("li", {}, icon("triangle-alert"), text)));
  };
  let resting;
  const clock = (text) => text.split(":").reduce((sum, part, i) => sum + part * [3600, 60, 1][i], 0);
  const drop = (text, on) => el("button.btn.btn--sm.btn--primary", { type: "button", dataset: { drop: on }, onclick: () => send(on) }, text);
  const size = (sign, label, name) => el("button.btn.btn--sm.btn--icon", { type: "button", attrs: { "aria-label": label, title: label }, onclick: () => stretch(sign) }, icon(name));
  const cancel = () => { const from = cur.from; stop(); back(from); };

  /* Longer and shorter: by hours up to a day, by days above. */
  const stretch = async (sign, days = false) => {
    const now = cur.wants || cur.found.lasts_s, step = days || now > 86400 || (now === 86400 && sign > 0) ? 86400 : 3600;
    await resize(Math.max(3600, now + sign * step));
  };
  const resize = async (lasts) => {
    const mine = cur;
    mine.wants = lasts;
    const found = await ask(mine.from, lasts);
    if (cur !== mine || mine.wants !== lasts) return false;
    if (!found) { mine.wants = mine.found.lasts_s; return false; }
    cur.found = found; paint(); show(); cur.ghost.focus({ preventScroll: true });
    return true;
  };
  const send = (on) => {
    const { found, from } = cur, [opens, closes] = texts(on);
    dropped = from.dataset.code;
    htmx.ajax("POST", from.dataset.moveUrl, { source: document.body, swap: "none", values: { opens, closes, version: found.version } });
    stop();
    back(from);
  };
  /* Whoever drops by keys goes on from the bar, once the calendar is drawn with it. */
  let dropped = "";
  const back = (from) => ($("button", from) || from).focus({ preventScroll: true });
  const onward = (code) => $(`.ev__b[data-code="${CSS.escape(code)}"]`) || $(`.draft[data-code="${CSS.escape(code)}"]`) || $(".draft:has([data-place])") || $(".calscroll");
  document.body.addEventListener("htmx:load", (e) => {
    if (!dropped || e.detail.elt.id !== "calendar") return;
    if (document.activeElement === document.body) back(onward(dropped));
    dropped = "";
  });

  const column = (x) => { const r = cur.days.getBoundingClientRect(); return Math.ceil(((x - r.left) / r.width) * cur.n); };
  document.addEventListener("click", (e) => {
    const button = e.target.closest("[data-place]");
    if (button) return void start(button.closest("[data-place-url]"));
    if (!cur || !cur.el.contains(e.target) || e.target.closest(".place__c")) return;
    move(column(e.clientX));
    if (cur.found.days[cur.d - 1].v === "ok") send(cur.found.days[cur.d - 1].on);
  });
  document.addEventListener("pointermove", (e) => {
    if (cur && e.pointerType === "mouse" && !held && cur.el.contains(e.target) && !e.target.closest(".place__c")) move(column(e.clientX));
  });

  /* Dragging, mouse and finger alike: a bar, a card of the tray, or a bar's end. */
  let held = null;
  const hold = (what) => { held = what; document.body.classList.toggle("is-dragging", Boolean(what)); };
  document.addEventListener("pointerdown", (e) => {
    const from = e.button === 0 && !e.target.closest("button, .place") && e.target.closest("[data-move-url]");
    if (!from || (from.matches(".draft") && e.pointerType !== "mouse" && !e.target.closest(".i"))) return;
    hold({ from, x: e.clientX, y: e.clientY, id: e.pointerId, end: !!e.target.closest(".ev__size"), on: false });
  });
  document.addEventListener("pointermove", (e) => {
    if (!held || e.pointerId !== held.id) return;
    held.seen = e.clientX;
    if (!held.on && Math.hypot(e.clientX - held.x, e.clientY - held.y) > 6) { held.on = true; start(held.from); }
    if (!held.on || cur?.from !== held.from) return;
    e.preventDefault();
    if (!held.end) return move(column(e.clientX));
    const by = column(e.clientX) - column(held.x);
    if (by === held.by) return;
    held.by = by; held.lasts ||= cur.found.lasts_s;
    held.sized = resize(Math.max(3600, held.lasts + by * 86400));
  });
  /* A finger keeps the element it began on as the target, so what lies under it is asked. */
  document.addEventListener("pointerup", async (e) => {
    const was = held; hold(null);
    if (!was?.on) return;
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, true), 50);
    const under = document.elementFromPoint(e.clientX, e.clientY), mine = cur;
    if ((await was.sized) === false) return;
    if (!cur || cur !== mine || (was.end ? !was.by : under?.closest("#drafts, .place__c"))) return;
    if (cur.found.days[cur.d - 1].v === "ok") send(cur.found.days[cur.d - 1].on);
  });
  const swallow = (e) => { e.preventDefault(); e.stopPropagation(); };
  document.addEventListener("pointercancel", () => { hold(null); stop(); });
  document.addEventListener("dragstart", (e) => { if (e.target.closest("[data-move-url]")) e.preventDefault(); });

  document.addEventListener("keydown", (e) => {
    if (!cur) {
      const bar = e.key.toLowerCase() === "m" && !e.ctrlKey && !e.metaKey && document.activeElement?.closest?.(".ev__b[data-move-url]");
      if (bar) { e.preventDefault(); start(bar); }
      return;
    }
    if (e.key === "Escape") { e.preventDefault(); return cancel(); }
    if (document.activeElement !== cur.ghost) return;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowUp: 1, ArrowDown: -1, PageUp: 7, PageDown: -7 }[e.key];
    if (step || ["Home", "End", "Enter"].includes(e.key)) e.preventDefault();
    if (step) e.shiftKey ? stretch(Math.sign(step), Math.abs(step) === 7) : move(cur.d + step);
    if (e.key === "Home") move(1);
    if (e.key === "End") move(cur.n);
    if (step || e.key === "Home" || e.key === "End") cur.ghost.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (e.key === "Enter") $("[data-drop]", cur.el)?.[cur.el.dataset.v === "ok" ? "click" : "focus"]();
  });
  document.addEventListener("htmx:beforeSwap", (e) => { if (cur && e.detail.target.id === "calendar") stop(); });
  const wanted = new URLSearchParams(location.search).get("place");
  const asked = wanted && $(`[data-place-url][data-code="${CSS.escape(wanted)}"]`);
  if (asked) start(asked);
})();
