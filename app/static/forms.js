// Forms are sent once, ask before what cannot be undone, and are saved from the keyboard.
(() => {
  "use strict";

  const { drafts } = window.Sinergi;

  function badInput(form) {
    return [...form.elements].find((control) => control.validity && (control.validity.badInput || control.validity.customError));
  }

  function checkFiles(input) {
    const limit = Number(input.dataset.maxBytes);
    const big = [...input.files].filter((file) => file.size > limit);
    const message = document.getElementById(`${input.id}-error`);
    input.classList.toggle("is-invalid", big.length > 0);
    if (message) message.textContent = big.length ? `${input.dataset.tooBig} ${big.map((file) => file.name).join(", ")}` : "";
    return big.length === 0;
  }

  function markSent(form, submitter) {
    form.dataset.sent = "1";
    drafts.changed.delete(form);
    setTimeout(() => {
      for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = true;
      submitter?.classList.add("btn-loading");
    });
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    const bad = badInput(form);
    if (bad) {
      event.preventDefault();
      bad.focus();
      bad.reportValidity();
      return;
    }
    const tooBig = [...form.querySelectorAll("input[type=file][data-max-bytes]")].find((input) => !checkFiles(input));
    if (tooBig) {
      event.preventDefault();
      tooBig.focus();
      return;
    }
    const question = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (question && !form.dataset.confirmed) {
      event.preventDefault();
      ask(question, event.submitter).then((yes) => {
        if (!yes) return;
        form.dataset.confirmed = "1";
        form.requestSubmit(event.submitter);
      });
      return;
    }
    if (form.hasAttribute("data-draft")) drafts.keep(form);
    drafts.notePlace(form);
    markSent(form, event.submitter);
  });

  function ask(question, submitter) {
    const dialog = document.getElementById("confirm");
    dialog.querySelector("#confirm-text").textContent = question;
    const yes = dialog.querySelector("[data-yes]");
    yes.textContent = submitter?.textContent.trim() || yes.dataset.yes;
    dialog.returnValue = "";
    dialog.showModal();
    yes.focus();
    return new Promise((resolve) => {
      dialog.addEventListener(
        "close",
        () => {
          submitter?.focus();
          resolve(dialog.returnValue === "yes");
        },
        { once: true },
      );
    });
  }

  document.addEventListener("change", (event) => {
    const control = event.target;
    const isFine = control.type !== "file" || !control.dataset.maxBytes || checkFiles(control);
    if (isFine && control.files?.length && control.form?.hasAttribute("data-upload")) upload(control.form);
    if (control.hasAttribute("data-autosubmit")) control.form.requestSubmit();
  });

  // Files are sent when they are chosen; the button is for those without a script, and shows that it goes on.
  function upload(form) {
    const button = form.querySelector("button");
    button.hidden = false;
    form.requestSubmit(button);
  }

  document.addEventListener("sinergi:content", (event) => {
    for (const button of event.detail.querySelectorAll("form[data-upload] button")) button.hidden = true;
  });

  // The page comes back from the browser's memory: its forms can be sent again.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      delete form.dataset.confirmed;
      for (const button of form.querySelectorAll("button")) {
        button.disabled = false;
        button.classList.remove("btn-loading");
      }
    }
  });

  // Ctrl+S saves; Ctrl+Enter saves and goes on; "?" tells so.
  document.addEventListener("keydown", (event) => {
    const isCommand = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    if (isCommand && event.key.toLowerCase() === "s") press("[data-save]", event);
    else if (isCommand && event.key === "Enter" && event.target.closest(".thread-write")) {
      event.preventDefault();
      event.target.form.requestSubmit();
    } else if (isCommand && event.key === "Enter") press("[data-save-go-on]", event) || press("[data-save]", event);
    else if (event.key === "?" && !event.target.closest("input, textarea, select, [contenteditable]")) showKeys(event);
  });

  function press(selector, event) {
    const dialog = [...document.querySelectorAll("dialog[open]")].pop();
    const button = (dialog || document).querySelector(`form ${selector}`);
    if (!button) return false;
    event.preventDefault();
    button.form.requestSubmit(button);
    return true;
  }

  function showKeys(event) {
    const help = document.getElementById("keys-help");
    if (!help || help.open) return;
    event.preventDefault();
    help.showModal();
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-help]")) showKeys(event);
  });
})();
