// "Buat baru" at a select: the record is made in a dialog over the form, and comes back chosen.
(() => {
  "use strict";

  let count = 0;

  async function open(link, typed) {
    const select = document.getElementById(link.dataset.createFor);
    const address = new URL(link.href);
    address.searchParams.set("dialog", "1");
    if (typed) address.searchParams.set("typed", typed);
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) {
      location.assign(link.href); // the page itself says what is the matter
      return;
    }
    const dialog = document.createElement("dialog");
    dialog.className = "form-dialog";
    dialog.setAttribute("aria-labelledby", `create-${(count += 1)}`);
    document.body.append(dialog);
    fill(dialog, await answer.text(), select);
    dialog.addEventListener("close", () => {
      dialog.remove();
      (select.tomselect || select).focus();
    });
    dialog.showModal();
  }

  function fill(dialog, html, select) {
    // Ids of the form below must stay its own.
    dialog.innerHTML = html.replaceAll('id="f-', `id="f${count}-`).replaceAll('for="f-', `for="f${count}-`).replaceAll('href="#f-', `href="#f${count}-`).replaceAll('data-create-for="f-', `data-create-for="f${count}-`);
    dialog.querySelector("h2").id = dialog.getAttribute("aria-labelledby");
    const form = dialog.querySelector("form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      send(dialog, form, select);
    });
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    window.Sinergi.prepare(dialog);
    (dialog.querySelector("[data-focus]") || dialog.querySelector("input:not([type=hidden]), select, textarea"))?.focus();
  }

  async function send(dialog, form, select) {
    const button = form.querySelector("[data-save]");
    if (button.disabled) return;
    button.disabled = true;
    button.classList.add("btn-loading");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "text/html" } });
      if (answer.status === 201) {
        choose(select, await answer.json());
        dialog.close();
        return;
      }
      if (answer.redirected) throw new Error("the session has ended");
      fill(dialog, await answer.text(), select);
    } catch {
      const line = form.querySelector("[data-problem]");
      line.hidden = false;
      button.disabled = false;
      button.classList.remove("btn-loading");
    }
  }

  function choose(select, { id, name }) {
    if (select.tomselect) {
      select.tomselect.addOption({ value: String(id), text: name });
      select.multiple ? select.tomselect.addItem(String(id)) : select.tomselect.setValue(String(id));
    } else {
      select.add(new Option(name, id, true, true));
    }
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-create-for]");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link, document.getElementById(link.dataset.createFor)?.tomselect?.lastQuery || "");
  });
})();
