// Says that the session will end soon, and goes on with it by one click. Every page and every answer begins it anew, in
// whichever window; the time of the last one is kept where all windows see it.
(() => {
  "use strict";

  const dialog = document.getElementById("session-warning");
  if (!dialog) return;
  const KEY = "sinergi-session-used";
  const lifetime = Number(dialog.dataset.seconds) * 1000;
  const warning = Math.min(10 * 60e3, lifetime / 5);
  const left = dialog.querySelector("[data-session-left]");
  const ended = dialog.querySelector("[data-session-ended]");
  const going = dialog.querySelector("[data-session-going]");

  const note = () => localStorage.setItem(KEY, String(Date.now()));
  const remaining = () => Number(localStorage.getItem(KEY) || Date.now()) + lifetime - Date.now();

  function look() {
    const rest = remaining();
    if (rest > warning) {
      if (dialog.open) dialog.close();
    } else {
      going.hidden = rest <= 0;
      ended.hidden = rest > 0;
      left.textContent = String(Math.max(1, Math.ceil(rest / 60e3)));
      if (!dialog.open && !document.querySelector("dialog[open]")) dialog.showModal();
    }
    setTimeout(look, rest > warning ? Math.min(rest - warning + 50, 60e3) : 1000);
  }

  dialog.querySelector("[data-session-extend]").addEventListener("click", async () => {
    try {
      const answer = await fetch(dialog.dataset.extend, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      note();
      dialog.close();
    } catch {
      going.hidden = true;
      ended.hidden = false;
    }
  });

  note();
  look();
})();
