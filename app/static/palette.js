// Searching everything: a dialog that opens with Ctrl+K or the button of the top bar. Without it the button is a link.
(() => {
  "use strict";

  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const input = dialog.querySelector("input");
  const found = dialog.querySelector("#palette-found");
  const status = dialog.querySelector("[data-palette-status]");
  const WAIT_MILLISECONDS = 180;
  let timer = 0;
  let asking = null;
  let answered = null; // the words that the lines below answer

  const hits = () => [...found.querySelectorAll("a.found-hit")];

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    try {
      const words = input.value;
      const address = `${dialog.dataset.found}?q=${encodeURIComponent(words)}`;
      const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: asking.signal });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      found.innerHTML = await answer.text();
      answered = words;
      found.removeAttribute("aria-busy");
      const count = hits().length;
      hits()[0]?.classList.add("is-first"); // what Enter opens
      status.textContent = count ? status.dataset.some.replace("0", String(count)) : status.dataset.none;
    } catch (error) {
      if (error.name !== "AbortError") dialog.querySelector("form").submit();
    }
  }

  function open() {
    if (dialog.open || document.querySelector("dialog[open]")) return;
    dialog.showModal();
    input.select();
    ask();
  }

  function move(step) {
    const all = hits();
    const at = all.indexOf(document.activeElement);
    const next = at + step;
    if (next < 0) input.focus();
    else all[Math.min(next, all.length - 1)]?.focus();
  }

  document.addEventListener("keydown", (event) => {
    const isOurs = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k";
    if (!isOurs) return;
    event.preventDefault();
    open();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-palette-open]");
    if (!button || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });

  dialog.addEventListener("keydown", (event) => {
    // A search box would take the first Escape for itself.
    if (event.key === "Escape") dialog.close();
    else if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else return;
    event.preventDefault();
  });

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-palette-close]")) dialog.close();
  });

  // Enter opens the first line that answers what was typed, not one that was there before.
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    const isAnswered = answered === input.value;
    if (isAnswered && !hits().length) return; // the page of the search says so, too
    event.preventDefault();
    clearTimeout(timer);
    if (!isAnswered) await ask();
    if (answered !== input.value) return;
    const [first] = hits();
    if (first) location.href = first.href;
    else event.target.submit();
  });

  input.addEventListener("input", () => {
    clearTimeout(timer);
    found.setAttribute("aria-busy", "true");
    timer = setTimeout(ask, WAIT_MILLISECONDS);
  });
})();
