// Dates are typed as people write them ("3 Maret 2025", "3/3/2025") or picked from a calendar, and sent in ISO 8601, as the
// browser's own box does, which stands here without a script, and on touch screens that speak the language of the page
// (another's would write 03/04 for the third of April). What is no date is sent as it was typed.
(() => {
  "use strict";

  const lang = document.documentElement.lang || "id";
  const MONTHS = [
    ["jan"], ["feb", "peb"], ["mar"], ["apr"], ["mei", "may"], ["jun"], ["jul"], ["agu", "aug", "agt"], ["sep"],
    ["okt", "oct"], ["nov", "nop"], ["des", "dec"],
  ];
  const monthNames = Array.from({ length: 12 }, (_, month) =>
    new Intl.DateTimeFormat(lang, { month: "long" }).format(new Date(2020, month, 15)),
  );
  const pad = (number) => String(number).padStart(2, "0");

  function write(moment, withTime) {
    const day = `${moment.getDate()} ${monthNames[moment.getMonth()]} ${moment.getFullYear()}`;
    return withTime ? `${day} ${pad(moment.getHours())}${lang === "id" ? "." : ":"}${pad(moment.getMinutes())}` : day;
  }

  function iso(moment, withTime) {
    const day = `${String(moment.getFullYear()).padStart(4, "0")}-${pad(moment.getMonth() + 1)}-${pad(moment.getDate())}`;
    return withTime ? `${day}T${pad(moment.getHours())}:${pad(moment.getMinutes())}` : day;
  }

  // The days that are counted from today, as the server reads them (app/i18n/typed.py).
  const AWAY = { "hari ini": 0, today: 0, besok: 1, esok: 1, tomorrow: 1, lusa: 2, "day after tomorrow": 2 };
  const WEEKDAYS = [
    ["minggu", "ahad", "sunday"], ["senin", "monday"], ["selasa", "tuesday"], ["rabu", "wednesday"],
    ["kamis", "thursday"], ["jumat", "jum'at", "jum’at", "friday"], ["sabtu", "saturday"],
  ];

  function fromToday(text) {
    const [, words, hour, minute] = /^(.*?)(?:[,\s]+(?:pukul\s+)?(\d{1,2})[.:](\d{2}))?$/.exec(text.trim().toLowerCase().replace(/\s+/g, " "));
    const today = new Date();
    const weekday = WEEKDAYS.findIndex((names) => names.includes(words));
    const away = weekday >= 0 ? ((weekday - today.getDay() + 6) % 7) + 1 : AWAY[words];
    return away === undefined ? null : new Date(today.getFullYear(), today.getMonth(), today.getDate() + away, Number(hour || 0), Number(minute || 0));
  }

  // The moment that `text` means, or null.
  function read(text, withTime) {
    const near = fromToday(text);
    if (near) return withTime && !/\d/.test(text) ? null : near;
    const iso = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::\d{2})?)?$/.exec(text.trim());
    if (iso) return valid(iso[1], Number(iso[2]), iso[3], iso[4], iso[5]);
    const typed = /^(\d{1,2})[-/.\s]+([a-z]{3,12}|\d{1,2})\.?[-/.\s]+(\d{4})(?:[,\s]+(?:pukul\s+)?(\d{1,2})[.:](\d{2})\s*(?:wib|wita|wit)?)?$/i.exec(text.trim());
    if (!typed) return null;
    const word = typed[2].toLowerCase();
    const month = /^\d/.test(word) ? Number(word) : MONTHS.findIndex((names) => names.some((name) => word.startsWith(name))) + 1;
    return valid(typed[3], month, typed[1], typed[4], typed[5]);
  }

  function valid(year, month, day, hour = 0, minute = 0) {
    const moment = new Date(Number(year), month - 1, Number(day), Number(hour), Number(minute));
    return month >= 1 && moment.getMonth() === month - 1 && moment.getDate() === Number(day) ? moment : null;
  }

  let loading = null;

  function loadCalendar(box) {
    loading ??= (async () => {
      const style = document.createElement("link");
      style.rel = "stylesheet";
      style.href = box.dataset.style;
      document.head.prepend(style);
      for (const address of [box.dataset.script, box.dataset.words]) await loadScript(address);
    })();
    return loading;
  }

  function loadScript(address) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.addEventListener("load", resolve);
      script.addEventListener("error", reject);
      document.head.append(script);
    });
  }

  async function openCalendar(box, input, withTime) {
    await loadCalendar(box);
    if (!box.calendar) {
      const anchor = document.createElement("input");
      anchor.hidden = true; // flatpickr makes a text box of it
      box.append(anchor);
      box.calendar = flatpickr(anchor, {
        locale: flatpickr.l10ns[lang] || "default",
        enableTime: withTime,
        time_24hr: true,
        minuteIncrement: 5,
        disableMobile: true,
        static: Boolean(box.closest("dialog, .table-frame")),
        positionElement: input,
        ignoredFocusElements: [input],
        onChange(chosen) {
          if (!chosen.length) return;
          input.value = write(chosen[0], withTime);
          input.dispatchEvent(new Event("input", { bubbles: true }));
          input.dispatchEvent(new Event("change", { bubbles: true }));
        },
        onClose: () => input.focus(),
      });
    }
    box.calendar.setDate(read(input.value, withTime), false);
    box.calendar.open();
    (box.calendar.selectedDateElem || box.calendar.todayDateElem)?.focus();
  }

  // Who comes to a date writes another one in its place; the next click sets the caret as usual.
  function selectOnEntry(input) {
    let justCame = false;
    input.addEventListener("focus", () => {
      justCame = true;
      input.select();
    });
    input.addEventListener("click", () => {
      if (justCame && input.selectionStart === input.selectionEnd) input.select();
      justCame = false;
    });
  }

  function makeReady(input) {
    const box = input.closest("[data-date-box]");
    if (!box || input.type === "text") return;
    const withTime = input.type === "datetime-local";
    // The browser's own box holds ISO 8601 only; what was typed wrongly is in the attribute.
    const before = input.value || input.getAttribute("value") || "";
    input.type = "text";
    input.autocomplete = "off";
    if (!withTime && !input.closest(".filter-ends")) input.placeholder = box.dataset.example;
    const show = (text) => (input.value = read(text, withTime) ? write(read(text, withTime), withTime) : text);
    show(before);
    input.defaultValue = input.value;
    input.addEventListener("blur", () => show(input.value));
    selectOnEntry(input);
    input.form?.addEventListener("sinergi:filled", () => show(input.value));
    input.form?.addEventListener("formdata", (event) => {
      const moment = read(input.value, withTime);
      if (moment && input.name && event.formData.has(input.name)) event.formData.set(input.name, iso(moment, withTime));
    });
    if (input.readOnly) return;
    const button = box.querySelector("[data-open-calendar]");
    button.hidden = false;
    button.addEventListener("click", () => openCalendar(box, input, withTime));
    input.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" || !event.altKey) return;
      event.preventDefault();
      openCalendar(box, input, withTime);
    });
  }

  function ready(root) {
    const isTouched = !window.matchMedia("(pointer: fine)").matches;
    if (isTouched && navigator.language.toLowerCase().split("-")[0] === lang) return;
    root.querySelectorAll("[data-date-box] input[type=date], [data-date-box] input[type=datetime-local]").forEach(makeReady);
  }

  // Before drafts are put back: they hold what stood in these boxes.
  ready(document);
  document.addEventListener("sinergi:content", (event) => ready(event.detail));
})();
