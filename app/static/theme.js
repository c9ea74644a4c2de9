// Runs before anything is drawn: light or dark, as the reader chose in this browser, else as the system has it.
(() => {
  "use strict";

  const KEY = "sinergi-theme";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const paper = window.matchMedia("print");
  const chosen = () => localStorage.getItem(KEY) || "system";

  function apply() {
    const wanted = chosen() === "system" ? (dark.matches ? "dark" : "light") : chosen();
    document.documentElement.setAttribute("data-bs-theme", paper.matches ? "light" : wanted);
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen()));
    }
  }

  apply();
  dark.addEventListener("change", apply);
  paper.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  document.addEventListener("DOMContentLoaded", () => {
    apply();
    for (const box of document.querySelectorAll("[data-theme-choices]")) box.hidden = false;
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    localStorage.setItem(KEY, button.dataset.themeChoice);
    apply();
  });
})();
