// The bell: how many notifications are unread, asked after the page is there; the newest ones when it is opened.
(() => {
  "use strict";

  const bell = document.querySelector("[data-bell]");
  if (!bell) return;
  const badge = bell.querySelector("[data-bell-count]");
  const words = bell.querySelector("[data-bell-words]");
  const panel = document.querySelector("[data-bell-panel]");
  const AGAIN_MILLISECONDS = 60e3;
  let asked = 0;

  function show(unread) {
    badge.hidden = unread === 0;
    badge.textContent = unread > 99 ? "99+" : String(unread);
    words.textContent = unread ? bell.dataset.some.replace("0", String(unread)) : bell.dataset.none;
  }

  async function ask() {
    asked = Date.now();
    try {
      const answer = await fetch(bell.dataset.bell, { headers: { Accept: "application/json" } });
      if (answer.ok) show((await answer.json()).unread);
    } catch {
      // Without an answer the bell stays as it is: it is a link all the same.
    }
  }

  async function open() {
    panel.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(panel.dataset.bellPanel, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      panel.innerHTML = await answer.text();
      Sinergi.prepare(panel);
    } catch {
      location.href = bell.href;
    } finally {
      panel.removeAttribute("aria-busy");
    }
  }

  bell.addEventListener("show.bs.dropdown", open);
  bell.addEventListener("hidden.bs.dropdown", () => panel.replaceChildren()); // nothing in it goes on asking
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - asked > AGAIN_MILLISECONDS) ask();
  });
  ask();
})();
