// Rows within a form: added, taken off and moved here; saved with the form.
(() => {
  "use strict";

  const rowsOf = (set) => set.querySelector("[data-lines-rows]");

  function places(set) {
    return [...rowsOf(set).querySelectorAll(`input[name="${set.dataset.lines}-row"]`)].map((input) => Number(input.value));
  }

  function addRow(set, place = Math.max(-1, ...places(set)) + 1) {
    const template = set.querySelector("[data-line-template]");
    if (!template) return null;
    const box = document.createElement("template");
    box.innerHTML = template.innerHTML.replaceAll("__row__", String(place));
    const row = box.content.querySelector("[data-line]");
    rowsOf(set).append(row);
    window.Sinergi.prepare(row);
    makeReady(set);
    return row;
  }

  function makeReady(set) {
    const rows = [...rowsOf(set).children];
    rows.forEach((row, index) => {
      for (const button of row.querySelectorAll("[data-line-move]")) {
        button.hidden = false;
        button.disabled = rows[index + Number(button.dataset.lineMove)] === undefined;
      }
      const box = row.querySelector(".line-remove input");
      if (!box) return;
      row.classList.toggle("is-removed", box.checked);
      row.querySelector("[data-line-remove]").hidden = box.checked;
      row.querySelector("[data-line-restore]").hidden = !box.checked;
    });
  }

  function noteChange(set) {
    set.closest("form").querySelector("input[type=hidden]").dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("click", (event) => {
    const set = event.target.closest("[data-lines]");
    if (!set) return;
    if (event.target.closest("[data-add-line]")) {
      event.preventDefault();
      const row = addRow(set);
      (row.querySelector(".ts-control input") || row.querySelector("input:not([type=hidden]), select, textarea"))?.focus();
      noteChange(set);
    }
    const button = event.target.closest("[data-line-move]");
    if (button) moveRow(set, button);
    const settled = event.target.closest("[data-line-remove], [data-line-restore]");
    if (settled) tick(settled.closest("[data-line]"), settled.matches("[data-line-remove]"));
  });

  function moveRow(set, button) {
    const row = button.closest("[data-line]");
    if (button.dataset.lineMove === "-1") row.previousElementSibling?.before(row);
    else row.nextElementSibling?.after(row);
    makeReady(set);
    noteChange(set);
    (button.disabled ? row.querySelector("[data-line-move]:not([disabled])") : button)?.focus();
  }

  // Taking a row off can be undone until the form is saved: it is hidden, and its tick is what the server reads.
  function tick(row, isGone) {
    const set = row.closest("[data-lines]");
    row.querySelector(".line-remove input").checked = isGone;
    makeReady(set);
    noteChange(set);
    row.querySelector(isGone ? "[data-line-restore]" : "[data-line-remove]").focus();
  }

  // A draft with more rows than the form has.
  document.addEventListener("sinergi:restore", (event) => {
    for (const set of event.detail.form.querySelectorAll("[data-lines]")) {
      const known = new Set(places(set));
      for (const field of event.detail.fields) {
        const place = new RegExp(`^${set.dataset.lines}-(\\d+)-`).exec(field.name)?.[1];
        if (place === undefined || known.has(Number(place))) continue;
        known.add(Number(place));
        addRow(set, Number(place));
      }
    }
  });
  document.addEventListener("sinergi:filled", (event) => event.target.querySelectorAll("[data-lines]").forEach(makeReady));
  document.addEventListener("sinergi:content", (event) => event.detail.querySelectorAll("[data-lines]").forEach(makeReady));
})();
