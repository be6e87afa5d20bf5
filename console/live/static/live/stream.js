// One event stream for all tabs of a sale: the tab that holds the lock listens and tells the others.
// Dispatches `snapshot` on the document with the frame as detail.
(() => {
  const root = document.getElementById("live");
  if (!root || ["closed", "aborted", "failed"].includes(root.dataset.state)) return;
  const name = `live-${root.dataset.code}`, FRESH_MS = 90000, loaded = performance.now();
  const others = "BroadcastChannel" in window ? new BroadcastChannel(name) : null;
  const tell = (frame) => document.dispatchEvent(new CustomEvent("snapshot", { detail: frame }));
  let url = root.dataset.stream, wait = 500;

  const open = () => {
    const source = new EventSource(url);
    source.onopen = () => { wait = 500; };
    source.onmessage = (e) => { const frame = JSON.parse(e.data); others?.postMessage(frame); tell(frame); };
    source.onerror = () => { // a ticket opens a stream for two minutes, so each try brings its own
      source.close();
      setTimeout(again, wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, 8000);
    };
  };
  const again = async () => {
    try {
      const answer = await fetch(root.dataset.ticket, { headers: { accept: "application/json" } });
      if (answer.ok) url = (await answer.json()).url;
    } catch { /* the server is away: the next try asks again */ }
    open();
  };
  const start = () => (performance.now() - loaded < FRESH_MS ? open() : again());
  if (others) others.onmessage = (e) => tell(e.data);
  // The lock is held until the tab goes; then the next tab in line listens.
  if (others && navigator.locks) navigator.locks.request(name, () => { start(); return new Promise(() => {}); });
  else start();
})();
