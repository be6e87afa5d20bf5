// The report prints itself; charts.js sizes the plots for paper.
(() => {
  document.addEventListener("click", (e) => { if (e.target.closest("[data-print]")) print(); });
})();
