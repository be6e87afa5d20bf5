// Dialogs that come from the server, typed confirmation, fields a refusal names.
(() => {
  const { $, $$, el, icon } = DB, body = document.body;

  /* A dialog swapped into #dialogs opens; one that was dismissed goes away. The cursor
     returns to what opened it, by its id if a newer copy has taken its place meanwhile. */
  let from = "";
  const home = () => { if (document.activeElement === body && from) document.getElementById(from)?.focus(); };
  const open = () => $$("#dialogs > dialog:not([open])[data-open]").forEach((d) => {
    const at = document.activeElement;
    if (at !== body && !at.closest("dialog")) from = at.id;
    d.addEventListener("close", () => { d.remove(); home(); });
    d.showModal();
  });
  body.addEventListener("htmx:afterSwap", (e) => {
    if (e.detail.target.id !== "dialogs") return;
    $$("#dialogs > dialog").forEach((d) => { d.dataset.open = ""; });
    open();
  });
  /* A write from a dialog that needs no more words (204) closes it. */
  body.addEventListener("htmx:afterRequest", (e) => {
    if (e.detail.xhr?.status === 204 && e.detail.requestConfig?.verb !== "get") e.detail.elt.closest?.("dialog[open]")?.close();
  });
  document.addEventListener("click", (e) => { if (e.target.closest("[data-close]")) e.target.closest("dialog")?.close(); });

  /* <button data-copy="id of an input">; without a secure origin the text is selected instead. */
  document.addEventListener("click", async (e) => {
    const input = document.getElementById(e.target.closest("[data-copy]")?.dataset.copy || ""); if (!input) return;
    input.select();
    try { await navigator.clipboard.writeText(input.value); DB.toast("Copied"); } catch { DB.toast("Selected: press Ctrl C", "info"); }
  });

  /* <input data-confirm="FS-0041" data-for="button-id"> keeps the button off until it is typed. */
  const confirmed = (input) => {
    const button = document.getElementById(input.dataset.for), same = input.value.trim().toUpperCase() === input.dataset.confirm.toUpperCase();
    if (!button) return;
    button.dataset.why ||= `Type ${input.dataset.confirm} first`;
    same ? button.removeAttribute("aria-disabled") : button.setAttribute("aria-disabled", "true");
  };
  document.addEventListener("input", (e) => { if (e.target.dataset?.confirm) confirmed(e.target); });
  document.addEventListener("submit", (e) => {
    const guard = $("input[data-confirm]", e.target);
    if (guard && guard.value.trim().toUpperCase() !== guard.dataset.confirm.toUpperCase()) { e.preventDefault(); e.stopImmediatePropagation(); guard.focus(); }
  }, true);

  /* What a section's line says of it holds no more once a field in it is changed. */
  document.addEventListener("change", (e) => {
    const section = e.target.closest?.(".disclose--row"), said = section && $("summary > small", section);
    if (said) said.textContent = "changed, not saved yet";
  });

  /* A refusal is said at the field it names, or above the dialog; else by its toast. */
  const mark = (box, input, message) => {
    clear(box); box.classList.add("has-error");
    box.append(el("p.err", { dataset: { refused: "" }, attrs: { role: "alert" } }, icon("octagon-x"), el("span", {}, message)));
    input.closest("details")?.setAttribute("open", "");
    input.setAttribute("aria-invalid", "true");
    input.addEventListener("input", () => { clear(box); input.removeAttribute("aria-invalid"); }, { once: true });
  };
  let said = false;
  body.addEventListener("htmx:oobBeforeSwap", (e) => {
    if (said && e.detail.target.id === "toasts") { e.detail.shouldSwap = false; said = false; }
  });
  const clear = (field) => { field.classList.remove("has-error"); $(".err[data-refused]", field)?.remove(); };
  const note = (dialog, message) => {
    $(".callout[data-refused]", dialog)?.remove();
    $(".dlg__body", dialog)?.prepend(el("div.callout", { dataset: { tone: "bad", refused: "" }, attrs: { role: "alert" } }, icon("octagon-x"), el("div", {}, message)));
  };
  body.addEventListener("refused", (e) => {
    const { field, message } = e.detail, form = e.target.closest?.("form") || $("dialog[open] form");
    const input = field && form?.elements[field], box = input?.closest?.(".field");
    const dialog = $("dialog[open].dlg");
    said = Boolean(dialog);
    if (dialog) $(".callout[data-refused]", dialog)?.remove();
    if (!box && dialog) note(dialog, message);
    if (!box) return;
    mark(box, input, message); input.focus();
  });

  /* A file that was changed since it was chosen cannot be sent any more: its field says so. */
  const unread = async (inputs) => {
    for (const input of inputs) for (const file of input.files) {
      try { await file.slice(0, 1).arrayBuffer(); } catch { return input; }
    }
  };
  body.addEventListener("htmx:confirm", async (e) => {
    const inputs = $$("input[type=file]", e.detail.elt).filter((one) => one.files.length);
    if (!inputs.length) return;
    e.preventDefault();
    const input = await unread(inputs);
    if (!input) return e.detail.issueRequest(true);
    const message = `${input.files[0].name} was changed since you chose it. Choose it again.`;
    input.value = "";
    mark(input.closest(".field"), input, message); input.focus();
  });

  /* What the browser holds back of a form that saves by itself is said at its field. */
  const short = (input) => {
    const label = $("label", input.closest(".field")).firstChild.textContent.trim();
    const far = input.validity.rangeUnderflow ? `${Number(input.min).toLocaleString("en")} or more` : `${Number(input.max).toLocaleString("en")} or less`;
    const ours = input.type === "number" && (input.validity.rangeUnderflow || input.validity.rangeOverflow);
    return ours ? `${label} must be ${far}.` : `${label}: ${input.validationMessage}`;
  };
  const itself = (form) => /change/.test(form?.getAttribute("hx-trigger"));
  body.addEventListener("htmx:validation:failed", (e) => {
    const input = e.target, box = input.closest(".field");
    if (box && itself(input.form)) mark(box, input, short(input));
  });
  body.addEventListener("htmx:validation:halted", (e) => {
    const saved = itself(e.target) && $(".saved[role=status]", e.target.closest(".panel") || body);
    if (saved) saved.textContent = "Not saved: correct what is marked";
  });

  /* What was said of a form before says nothing of what is sent now, nor of what was saved. */
  const forget = (form) => {
    $$(".has-error .err, .callout[data-focus], .callout[data-refused]", form).forEach((one) => one.remove());
    $$(".has-error", form).forEach((one) => one.classList.remove("has-error"));
    $$("[aria-invalid]", form).forEach((one) => one.removeAttribute("aria-invalid"));
    $$("[aria-describedby$=_error]", form).forEach((one) => {
      const hints = one.getAttribute("aria-describedby").split(" ").filter((id) => !id.endsWith("_error"));
      hints.length ? one.setAttribute("aria-describedby", hints.join(" ")) : one.removeAttribute("aria-describedby");
    });
  };
  body.addEventListener("htmx:beforeRequest", (e) => {
    if (e.detail.requestConfig.verb !== "get" && e.detail.elt.matches?.("dialog form")) forget(e.detail.elt);
  });
  body.addEventListener("htmx:afterRequest", (e) => {
    const form = e.detail.elt, saved = e.detail.successful && e.detail.xhr.status < 400;
    if (saved && form.matches?.("form") && form.isConnected) forget(form);
  });

  // Only what is new takes the cursor: an error that stood there before leaves it be.
  const ready = (root) => {
    $$("input[data-confirm]", root).forEach(confirmed);
    (root !== document && root.matches("[data-focus]") ? root : $("[data-focus]", root))?.focus();
  };
  body.addEventListener("htmx:load", (e) => ready(e.detail.elt));
  ready(document);
})();
