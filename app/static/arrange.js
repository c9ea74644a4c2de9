// Puts the cards of the overview into order: by dragging with mouse or finger, or by the buttons, which keep the focus.
// Nothing is sent before "Save". Without it each button sends the form.
(() => {
  "use strict";

  const list = document.querySelector("[data-arrange]");
  if (!list) return;
  const status = document.querySelector("[data-arrange-status]");

  function settle() {
    const items = [...list.children];
    items.forEach((item, place) => {
      item.querySelector("[name=up]").disabled = place === 0;
      item.querySelector("[name=down]").disabled = place === items.length - 1;
    });
  }

  function tell(item) {
    const items = [...list.children];
    status.textContent = status.dataset.place.replace("{place}", items.indexOf(item) + 1).replace("{count}", items.length);
  }

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[name=up], [name=down]");
    if (!button) return;
    event.preventDefault();
    const item = button.closest("li");
    if (button.name === "up") item.previousElementSibling?.before(item);
    else item.nextElementSibling?.after(item);
    settle();
    (button.disabled ? item.querySelector("button:not(:disabled)") : button).focus();
    tell(item);
  });

  let held = null;

  for (const grip of list.querySelectorAll(".arrange-grip")) {
    grip.hidden = false;
    grip.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      held = grip.closest("li");
      held.classList.add("is-held");
      grip.setPointerCapture(event.pointerId);
    });
    grip.addEventListener("pointermove", (event) => {
      if (!held) return;
      const other = [...list.children].find((item) => {
        const box = item.getBoundingClientRect();
        return item !== held && event.clientY >= box.top && event.clientY < box.bottom;
      });
      if (!other) return;
      const isAbove = held.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_PRECEDING;
      if (isAbove) other.before(held);
      else other.after(held);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      grip.addEventListener(end, () => {
        if (!held) return;
        held.classList.remove("is-held");
        settle();
        tell(held);
        held = null;
      });
    }
  }
})();
