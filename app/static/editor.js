// Forms with lists of rows, a preview of what is typed, and rows that are dragged. All of it also works without.
(() => {
  "use strict";

  const frame = document.querySelector("[data-word-add]");

  // ---- another row: a copy of the last one, empty ----------------------------------------------------------------------

  function emptied(row, number) {
    const copy = row.cloneNode(true);
    for (const control of copy.querySelectorAll("[name]")) {
      control.name = control.name.replace(/-\d+-/, `-${number}-`);
      if (control.type === "checkbox") control.checked = false;
      else if (control.tagName === "SELECT") control.selectedIndex = 0;
      else control.value = "";
    }
    for (const ticks of copy.querySelectorAll("[data-ticks]")) {
      ticks.dataset.name = ticks.dataset.name.replace(/-\d+-/, `-${number}-`);
      ticks.dataset.by = ticks.dataset.by.replace(/-\d+-/, `-${number}-`);
      ticks.querySelectorAll("label").forEach((label) => label.remove());
      ticks.hidden = true;
    }
    return copy;
  }

  function addRow(list) {
    const rows = list.querySelectorAll("[data-row]");
    const copy = emptied(rows[rows.length - 1], rows.length);
    rows[rows.length - 1].after(copy);
    return copy;
  }

  for (const list of document.querySelectorAll("[data-rows]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = `+ ${frame?.dataset.wordAdd ?? ""}`;
    button.addEventListener("click", () => addRow(list).querySelector("input:not([type=hidden]), select, textarea")?.focus());
    list.append(button);
  }

  // A draft with more rows than the form has.
  document.addEventListener("sinergi:restore", (event) => {
    for (const list of event.detail.form.querySelectorAll("[data-rows]")) {
      const name = /^(.+?)-\d+-/.exec(list.querySelector("[name]")?.name)?.[1];
      const places = event.detail.fields.map((field) => Number(new RegExp(`^${name}-(\\d+)-`).exec(field.name)?.[1] ?? -1));
      while (list.querySelectorAll("[data-row]").length <= Math.max(...places)) addRow(list);
    }
  });

  // ---- choices that depend on another choice --------------------------------------------------------------------------------

  // The boxes of what is chosen in the field that they depend on; what is ticked and still offered stays ticked.
  function offer(ticks, chosen) {
    const choices = JSON.parse(ticks.closest("form").dataset.choices)[ticks.dataset.ticks][chosen] ?? {};
    const ticked = new Set([...ticks.querySelectorAll("input:checked")].map((box) => box.value));
    ticks.querySelectorAll("label").forEach((label) => label.remove());
    for (const [value, words] of Object.entries(choices)) {
      const box = Object.assign(document.createElement("input"), { type: "checkbox", className: "form-check-input", name: ticks.dataset.name, value });
      box.checked = ticked.has(value);
      const name = Object.assign(document.createElement("span"), { className: "form-check-label", textContent: words });
      const label = Object.assign(document.createElement("label"), { className: "form-check mb-0" });
      label.append(box, " ", name);
      ticks.append(label);
    }
    ticks.hidden = !Object.keys(choices).length;
  }

  // A condition over the records that wait: the fields of their model, and the values of the field.
  function offerCondition(row) {
    const which = row.querySelector('[name$="-which"]');
    const model = which ? which.value.split(":")[0] : "case";
    for (const condition of row.querySelectorAll("[data-condition]")) {
      for (const group of condition.querySelectorAll("optgroup")) group.hidden = group.disabled = group.dataset.of !== model;
      const field = condition.querySelector("select");
      if (field.selectedOptions[0]?.parentElement.disabled) field.value = "";
      condition.querySelector("input").setAttribute("list", `${model}:${field.value}`);
    }
  }

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-choices]");
    if (!form) return;
    for (const ticks of form.querySelectorAll(`[data-by="${event.target.name}"]`)) offer(ticks, event.target.value);
    const row = event.target.closest("[data-row]");
    if (row?.querySelector("[data-condition]")) offerCondition(row);
  });

  for (const condition of document.querySelectorAll("form[data-choices] [data-condition]")) offerCondition(condition.closest("[data-row]"));

  document.addEventListener("sinergi:restore", (event) => {
    for (const ticks of event.detail.form.querySelectorAll("[data-ticks]")) {
      const by = event.detail.fields.find((field) => field.name === ticks.dataset.by);
      if (by) offer(ticks, by.value);
    }
  });

  // ---- a preview of what is typed ---------------------------------------------------------------------------------------

  const PAUSE_MILLISECONDS = 500;

  for (const form of document.querySelectorAll("form[data-preview]")) {
    let waiting = 0;
    let latest = 0;
    const look = async () => {
      const mine = ++latest;
      try {
        const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(form)) });
        if (!answer.ok || answer.redirected) return;
        const html = await answer.text();
        if (mine === latest) document.getElementById(form.dataset.previewInto).innerHTML = html;
      } catch {
        // The preview is a convenience; saving tells what is wrong.
      }
    };
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(look, PAUSE_MILLISECONDS);
    });
  }

  // ---- one save for everything that was typed -------------------------------------------------------------------------------

  let isGoing = false; // the second time the form itself goes

  // Sends the form `other` without leaving the page; false when it was refused.
  async function sent(other) {
    const answer = await fetch(other.action, { method: "POST", body: new FormData(other) }).catch(() => null);
    return Boolean(answer?.ok);
  }

  async function saveBefore(others, form, submitter) {
    const { drafts } = window.Sinergi;
    submitter?.classList.add("btn-loading");
    isGoing = true;
    for (const other of others) {
      if (!(await sent(other))) {
        // Its page says what is wrong; what was typed in this one is put back there.
        drafts.keep(form, "kept");
        drafts.changed.delete(form);
        other.requestSubmit();
        return;
      }
      drafts.changed.delete(other);
      drafts.keep(other);
    }
    form.requestSubmit(submitter);
  }

  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (isGoing || !form.matches(".editor-form")) return;
      const others = [...document.querySelectorAll(".editor-form")].filter((other) => other !== form && window.Sinergi.drafts.changed.has(other));
      if (!others.length) return;
      event.preventDefault();
      event.stopPropagation();
      saveBefore(others, form, event.submitter);
    },
    true,
  );

  // ---- rows that are dragged --------------------------------------------------------------------------------------------

  for (const body of document.querySelectorAll("[data-order]")) {
    const form = document.getElementById(body.dataset.order);
    const rows = () => [...body.querySelectorAll("tr[data-key]")];
    let dragged = null;

    for (const grip of body.querySelectorAll("[data-grip]")) grip.draggable = true;

    body.addEventListener("dragstart", (event) => {
      dragged = event.target.closest("[data-grip]")?.closest("tr") ?? null;
      if (!dragged) return;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", dragged.dataset.key);
      event.dataTransfer.setDragImage(dragged, 10, 10);
      dragged.classList.add("is-dragged");
    });

    body.addEventListener("dragover", (event) => {
      const over = event.target.closest("tr[data-key]");
      if (!dragged || !over) return;
      event.preventDefault();
      const { top, height } = over.getBoundingClientRect();
      for (const row of rows()) row.classList.remove("is-before", "is-behind");
      if (over !== dragged) over.classList.add(event.clientY < top + height / 2 ? "is-before" : "is-behind");
    });

    body.addEventListener("drop", (event) => {
      const over = event.target.closest("tr[data-key]");
      if (!dragged || !over || over === dragged) return;
      event.preventDefault();
      const others = rows().filter((row) => row !== dragged);
      const place = others.indexOf(over) + (over.classList.contains("is-behind") ? 1 : 0);
      const act = document.createElement("input");
      act.type = "hidden";
      act.name = "act";
      act.value = `move:${dragged.dataset.key}/${place}`;
      form.append(act);
      form.requestSubmit();
    });

    body.addEventListener("dragend", () => {
      for (const row of rows()) row.classList.remove("is-dragged", "is-before", "is-behind");
      dragged = null;
    });
  }
})();
