// Marks what differs from the saved version. The server counts, judges and saves.
(() => {
  const mark = (form) => {
    for (const input of form.querySelectorAll("[data-saved]")) {
      if (input.type === "hidden" || input.name === "reason") continue;
      if (input.type === "radio") continue;
      input.classList.toggle("is-dirty", input.value !== input.dataset.saved);
    }
  };
  document.addEventListener("input", (event) => {
    const form = event.target.closest("#policy-form");
    if (form) mark(form);
  });
  document.addEventListener("reset", (event) => {
    if (event.target.id === "policy-form") setTimeout(() => mark(event.target));
  });
})();
