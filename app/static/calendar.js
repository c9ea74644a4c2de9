// Calendars: an entry dragged to another day is sent to that day; without a mouse its arrows lead to a page for it.
(() => {
  "use strict";

  let entry = null;
  const dayOf = (element) => element.closest?.("[data-day]");

  document.addEventListener("dragstart", (event) => {
    entry = event.target.closest?.("[data-entry]") || null;
    if (!entry) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    entry.classList.add("is-dragged");
  });

  document.addEventListener("dragover", (event) => {
    if (!entry) return;
    for (const day of document.querySelectorAll(".is-target")) day.classList.remove("is-target");
    const day = dayOf(event.target);
    if (!day) return;
    event.preventDefault();
    day.classList.add("is-target");
  });

  document.addEventListener("drop", (event) => {
    const day = dayOf(event.target);
    if (!entry || !day) return;
    event.preventDefault();
    if (day === dayOf(entry)) return;
    const form = document.getElementById("calendar-form");
    form.action = entry.dataset.entry;
    form.elements.day.value = day.dataset.day;
    form.elements.version.value = entry.dataset.version;
    form.requestSubmit();
  });

  document.addEventListener("dragend", () => {
    entry?.classList.remove("is-dragged");
    for (const day of document.querySelectorAll(".is-target")) day.classList.remove("is-target");
    entry = null;
  });
})();
