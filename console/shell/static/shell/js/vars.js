// Lengths that come from data. `data-vars="v:52;w:30"` becomes --v and --w through the
// CSSOM, since the policy allows no style attribute. Watches the page, so swaps count too.
(() => {
  const set = (el) => {
    for (const pair of el.dataset.vars.split(";")) {
      const at = pair.indexOf(":");
      if (at > 0) el.style.setProperty(`--${pair.slice(0, at).trim()}`, pair.slice(at + 1).trim());
    }
  };
  const scan = (node) => {
    if (node.nodeType !== 1) return;
    if (node.dataset.vars !== undefined) set(node);
    node.querySelectorAll("[data-vars]").forEach(set);
  };
  new MutationObserver((changes) => {
    for (const c of changes) c.type === "attributes" ? c.target.dataset.vars !== undefined && set(c.target) : c.addedNodes.forEach(scan);
  }).observe(document.documentElement, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-vars"] });
})();
