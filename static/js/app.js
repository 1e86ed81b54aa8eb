// What pages do in the browser beyond links and forms. Everything is found by data attributes and works on fragments, too.
(() => {
  "use strict";
  const on = (type, selector, act) =>
    document.addEventListener(type, (event) => {
      const found = event.target.closest?.(selector);
      if (found) act(found, event);
    });
  const each = (root, selector, act) => {
    if (root.matches?.(selector)) act(root);
    root.querySelectorAll?.(selector).forEach(act);
  };

  // Toasts leave by themselves, except problems and those that are pointed at.
  function settle(toast) {
    if (toast.dataset.settled) return;
    toast.dataset.settled = "yes";
    if (toast.dataset.tone === "danger") return;
    const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove());
    setTimeout(leave, 6000);
  }
  function toast(message, tone = "info") {
    const piece = document.querySelector(`template[data-toast="${tone}"]`) || document.querySelector("template[data-toast]");
    const shown = piece.content.firstElementChild.cloneNode(true);
    shown.querySelector("p").textContent = message;
    document.getElementById("toasts").append(shown);
    settle(shown);
  }
  on("click", "[data-dismiss]", (button) => button.closest(".toast").remove());
  document.addEventListener("toast", (event) => toast(event.detail.message, event.detail.tone));

  // Copy.
  on("click", "[data-copy], [data-copy-from]", async (button) => {
    const { copy, copyFrom } = button.dataset;
    const from = copyFrom ? document.querySelector(copyFrom) : button.closest(".code")?.querySelector("pre");
    const text = copy ?? from.value ?? from.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = Object.assign(document.createElement("textarea"), { value: text });
      (button.closest("dialog") || document.body).append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      if (!done) return toast("Your browser does not allow copying. Select the text instead.", "warning");
    }
    button.classList.add("copied");
    button.querySelector("[data-copied]")?.removeAttribute("hidden");
    button.querySelector("[data-uncopied]")?.setAttribute("hidden", "");
    setTimeout(() => {
      button.classList.remove("copied");
      button.querySelector("[data-copied]")?.setAttribute("hidden", "");
      button.querySelector("[data-uncopied]")?.removeAttribute("hidden");
    }, 1800);
  });

  // Shortcuts: the letter of data-shortcut with Cmd or Ctrl focuses a field or follows a link.
  document.addEventListener("keydown", (event) => {
    if ((event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey) {
      const targets = [...document.querySelectorAll(`[data-shortcut="${CSS.escape(event.key.toLowerCase())}"]`)];
      const target = targets.find((candidate) => candidate.checkVisibility());
      if (!target) return;
      event.preventDefault();
      if (target.matches("a")) return target.click();
      target.focus();
      target.select?.();
    }
  });

  // Lists that arrows walk: links or [data-item] inside, from a field named by data-keyboard-from, too.
  document.addEventListener("keydown", (event) => {
    if (!["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
    const field = event.target.closest("[data-keyboard-from]");
    const list = field ? document.querySelector(field.dataset.keyboardFrom) : event.target.closest("[data-keyboard-list]");
    if (!list || (field && ["Home", "End"].includes(event.key))) return;
    const items = [...list.querySelectorAll(list.dataset.keyboardList || "a[href], [data-item]")];
    if (!items.length) return;
    const now = items.indexOf(document.activeElement);
    const steps = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 };
    event.preventDefault();
    if (steps[event.key] < 0 && list.dataset.keyboardBack) return document.querySelector(list.dataset.keyboardBack).focus();
    items[Math.max(0, Math.min(items.length - 1, steps[event.key]))].focus();
  });

  // Menus close when one looks elsewhere, dialogs are modal where scripts run.
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  on("click", "button[popovertarget]", (button, event) => {
    const dialog = document.getElementById(button.getAttribute("popovertarget"));
    if (dialog?.tagName !== "DIALOG") return;
    event.preventDefault();
    if (dialog.open) return dialog.close();
    dialog.showModal();
    dialog.querySelector("[data-autofocus]")?.focus();
  });
  on("click", "dialog", (dialog, event) => {
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (event.target === dialog && !inside && dialog.open) dialog.close();
  });

  // Typed confirmation: the button waits for the word.
  const confirmable = (field) => {
    const button = field.form.querySelector("[data-confirms]");
    if (button) button.disabled = field.value.trim() !== field.dataset.confirmWord;
  };
  on("input", "[data-confirm-word]", confirmable);
  on("change", "[data-submit-on-change]", (form) => form.requestSubmit());

  // One box that checks all those of its form.
  on("change", "[data-check-all]", (box) =>
    each(box.form, `${box.dataset.checkAll}:not(:disabled)`, (other) => { other.checked = box.checked; }));

  // htmx: problems are told, and an answer wakes what it brought.
  const wake = (root) => {
    each(root, ".toast", settle);
    each(root, "[data-confirm-word]", confirmable);
    each(root, "[data-autofocus]:not(dialog *)", (field) => field.focus());
  };
  document.addEventListener("htmx:responseError", (event) =>
    toast(`That did not work (${event.detail.xhr.status}). Load the page again and retry.`, "danger"));
  document.addEventListener("htmx:sendError", () => toast("Lightfast cannot be reached. Check your connection.", "danger"));
  document.addEventListener("htmx:afterSwap", (event) => wake(event.detail.target));
  document.addEventListener("htmx:oobAfterSwap", (event) => wake(event.detail.target));
  document.addEventListener("allauth.error", (event) => {
    if (event.detail.exception?.name !== "NotAllowedError") toast("The passkey could not be used here.", "danger");
  });
  wake(document);
})();
