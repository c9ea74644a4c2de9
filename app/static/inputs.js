// Boxes that help while one types: rupiah, NIP, and fields that are asked only when another one has a certain value.
(() => {
  "use strict";

  function groupMoney(input) {
    const typed = input.value.trim().replace(/^rp\.?\s*/i, "");
    const parts = /^(-?)(\d[\d.]*)(?:,(\d{0,2}))?$/.exec(typed);
    if (!parts) return;
    const whole = parts[2].replace(/\./g, "").replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+$)/g, ".");
    input.value = `${parts[1]}${whole}${parts[3] ? `,${parts[3].padEnd(2, "0")}` : ""}`;
  }

  // What looks wrong in a NIP: not 18 digits, or digits that say of birth and appointment what cannot be.
  function doubtOfNip(input) {
    const digits = input.value.replace(/[\s.]/g, "");
    if (!digits) return "";
    if (!/^\d{18}$/.test(digits)) return input.dataset.wrong;
    input.value = `${digits.slice(0, 8)} ${digits.slice(8, 14)} ${digits[14]} ${digits.slice(15)}`;
    const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6, 8)].map(Number);
    const born = new Date(year, month - 1, day);
    const isBorn = born.getMonth() === month - 1 && born.getDate() === day && year > 1920 && born < new Date();
    return isBorn && Number(digits.slice(8, 12)) >= year + 15 && "12".includes(digits[14]) ? "" : input.dataset.doubtful;
  }

  function tellDoubt(input) {
    let line = input.parentElement.querySelector(".input-doubt");
    const text = doubtOfNip(input);
    if (!line && !text) return;
    if (!line) {
      line = document.createElement("small");
      line.className = "input-doubt";
      line.setAttribute("role", "status");
      input.after(line);
    }
    line.textContent = text;
  }

  document.addEventListener("focusout", (event) => {
    if (event.target.matches?.("[data-money]")) groupMoney(event.target);
    if (event.target.matches?.("[data-nip]")) tellDoubt(event.target);
  });

  // ---- conditional fields -----------------------------------------------------------------------------------------------

  function valueOf(form, name) {
    const controls = [...form.elements].filter((control) => control.name === name && control.type !== "hidden");
    const ticked = controls.filter((control) => !["checkbox", "radio"].includes(control.type) || control.checked);
    return ticked.map((control) => control.value).filter((value) => value !== "");
  }

  function showFitting(form) {
    for (const part of form.querySelectorAll("[data-shown-when]")) {
      const wish = JSON.parse(part.dataset.shownWhen);
      const values = valueOf(form, wish.column);
      part.hidden = wish.values.length ? !values.some((value) => wish.values.includes(value)) : !values.length;
    }
  }

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form");
    if (form?.querySelector("[data-shown-when]")) showFitting(form);
  });
  document.addEventListener("sinergi:filled", (event) => showFitting(event.target));
  document.addEventListener("sinergi:content", (event) => {
    for (const form of event.detail.querySelectorAll("form")) showFitting(form);
    event.detail.querySelectorAll("[data-money]").forEach(groupMoney);
  });
})();
