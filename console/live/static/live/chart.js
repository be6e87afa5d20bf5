// Orders a second: points are appended as they come, at most one redraw a second.
(() => {
  const { $ } = DB, root = $("#live"), source = $("#live-curve");
  if (!root || !source || !window.Charts) return;
  const c = JSON.parse(source.textContent), gap = c.bucket_s * 1000;
  if (!c.fx.length) return;
  const local = (t) => new Date(t + c.offset_ms).toISOString().slice(0, 19), clock = (t) => local(t).slice(11, c.bucket_s < 60 ? 19 : 16);
  const rate = (v) => v.toFixed(v < 10 ? 1 : 0);
  const range = () => { // the sale so far, and about as much ahead
    const seen = Math.max(0, (c.x.at(-1) ?? c.opens) - c.opens), length = c.closes - c.opens;
    return [c.x[0] ?? c.opens - length / 20, Math.min(c.closes, c.opens + Math.max(length / 5, seen * 1.8))];
  };
  const marks = (t, ink) => {
    if (!c.y.length) return { shapes: [], annotations: [] };
    const last = c.y.length - 1, best = c.y.indexOf(Math.max(...c.y)), mark = Charts.now(t, local(c.x[last]), `Now ${rate(c.y[last])}/s`);
    mark.annotations[0].font.size = 12;
    if (c.x[last] > c.closes) return { shapes: [], annotations: [] };
    if (c.y[best] > 0 && last - best > 5) mark.annotations.push({ x: local(c.x[best]), y: c.y[best], text: `Peak ${rate(c.y[best])}/s at ${clock(c.x[best])}`, showarrow: false, xanchor: "left", xshift: 10, yanchor: "bottom", font: { ...t.font, color: ink } });
    return mark;
  };
  const plot = Charts.make("plot-orders", (t) => {
    const top = Math.max(...c.y, ...c.fy, 0.5) * 1.25;
    return {
      data: [Charts.ref(t, "Forecast", c.fx.map(local), c.fy), Charts.line(t, "Actual", c.x.map(local), c.y, { fill: true })],
      layout: t.layout({ margin: { l: 28, r: 14, t: 8, b: 22 }, xaxis: { range: range().map(local), tickformat: c.closes - c.opens > 18e5 ? "%H:%M" : "%H:%M:%S", nticks: 7 }, yaxis: { range: [0, top] }, ...marks(t, t.c("ink-2")) }),
    };
  });
  let drawn = 0, waiting = 0;
  const redraw = () => { waiting = 0; drawn = performance.now(); plot?.redraw(); };
  const soon = () => { if (!waiting && !document.hidden) waiting = setTimeout(redraw, Math.max(0, 1000 - (performance.now() - drawn))); };
  const label = () => $("#plot-orders").setAttribute("aria-label", `Orders per second since ${clock(c.opens)}. Peak ${rate(Math.max(0, ...c.y))}, now ${rate(c.y.at(-1) ?? 0)}.`);
  document.addEventListener("visibilitychange", soon);
  /* What was missed while nobody listened is not known here: it is asked for, never drawn as 0. */
  let asking = false;
  const refill = async () => {
    if (asking) return;
    asking = true;
    try {
      const answer = await fetch(root.dataset.curve, { headers: { accept: "application/json" } });
      if (answer.ok) { const fresh = await answer.json(); c.x = fresh.x; c.y = fresh.y; soon(); }
    } finally { asking = false; }
  };
  window.Live.points = (points) => {
    let grew = false;
    if (c.x.length && points.length && Date.parse(points[0][0]) > c.x.at(-1) + gap) return refill();
    for (const [at, value] of points) {
      const t = Date.parse(at), n = c.x.length ? Math.round((t - c.x[0]) / gap) : 0;
      if (n >= 0 && n < c.x.length) { if (c.y[n] !== value) { c.y[n] = value; grew = true; } continue; }
      if (!c.x.length || t > c.x.at(-1)) { c.x.push(t); c.y.push(value); grew = true; }
    }
    if (!grew) return;
    const [line, area] = Live.path(c.y.slice(-60), 240, 40);
    $("#spark-line")?.setAttribute("d", line); $("#spark-area")?.setAttribute("d", area);
    label(); soon();
  };
  label();
})();
