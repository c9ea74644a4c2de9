// Boards: a card dragged to a state takes the step that leads there, by the button it has for those without a mouse.
(() => {
  "use strict";

  let card = null;
  const column = (element) => element.closest?.(".board-column");
  const way = (target) => card && [...card.querySelectorAll("[data-to]")].find((step) => step.dataset.to === target.dataset.state);

  document.addEventListener("dragstart", (event) => {
    card = event.target.closest?.("[data-card]") || null;
    if (!card) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    card.classList.add("is-dragged");
    for (const other of document.querySelectorAll(".board-column")) other.classList.toggle("is-open", Boolean(way(other)));
  });

  document.addEventListener("dragover", (event) => {
    if (card && column(event.target)) event.preventDefault();
  });

  document.addEventListener("drop", (event) => {
    const target = column(event.target);
    if (!card || !target) return;
    event.preventDefault();
    const from = column(card);
    if (target === from) return;
    const step = way(target);
    if (step) {
      step.click();
      return;
    }
    const told = document.getElementById("board-told");
    told.textContent = told.dataset.refused.replace("{from}", from.dataset.label).replace("{to}", target.dataset.label);
    told.classList.remove("visually-hidden");
    told.classList.add("alert", "alert-warning");
  });

  document.addEventListener("dragend", () => {
    card?.classList.remove("is-dragged");
    for (const other of document.querySelectorAll(".board-column.is-open")) other.classList.remove("is-open");
    card = null;
  });
})();
