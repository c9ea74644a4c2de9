// What was typed is not lost: neither when the session ends, nor on a detour, nor when the window is closed by mistake.
//
// 1. Expired session and detour (sessionStorage, this window only): sending a form notes the page it stands on. When the
//    answer is the sign-in page (…expired=1), signing in leads back to that page instead of the address that only takes
//    what is sent. A draft goes "sent" when its form is sent, becomes "kept" on the sign-in page, and is found on the form
//    again ("shown") by the same person in the same institution. Any other page means that the form was saved or left:
//    drafts that are "sent" or "shown" are forgotten.
// 2. A closed window (localStorage): while somebody types, the form is noted from time to time, without personal data. The
//    next time it is opened, what was noted is offered, not forced. It goes when the form is saved or cancelled, when the
//    person signs out, when somebody else signs in here, and after twelve hours.
(() => {
  "use strict";

  const words = document.body.dataset;
  const PREFIX = "sinergi-draft ";
  const TYPED = "sinergi-typed ";
  const PLACE = "sinergi-place";
  const HOURS_KEPT = 12;
  const PAUSE_MILLISECONDS = 700;
  const changed = new Set(); // forms with something typed that was not sent

  // The address on which `form` is found again. A page that answered to sending is found where the form was first sent from.
  function placeOf(form) {
    const action = new URL(form.getAttribute("action") || location.href, location.href).pathname;
    const before = JSON.parse(sessionStorage.getItem(PLACE) || "null");
    const isAnswer = before && before.action === location.pathname; // also for the other forms of that page
    return { action, place: isAnswer ? before.place : location.pathname + location.search };
  }

  function notePlace(form) {
    store(sessionStorage, PLACE, { ...placeOf(form), at: Date.now() });
  }

  function returnToPlace() {
    const asked = new URLSearchParams(location.search);
    const before = JSON.parse(sessionStorage.getItem(PLACE) || "null");
    if (asked.get("expired") !== "1" || !before || Date.now() - before.at > 120e3) return;
    asked.set("next", before.place);
    history.replaceState(null, "", `${location.pathname}?${asked}`);
  }

  function noted(storage, prefix) {
    const found = [];
    for (const key of Object.keys(storage)) {
      if (!key.startsWith(prefix)) continue;
      try {
        found.push([key, JSON.parse(storage.getItem(key))]);
      } catch {
        storage.removeItem(key);
      }
    }
    return found;
  }

  function store(storage, key, draft) {
    try {
      storage.setItem(key, JSON.stringify(draft));
    } catch {
      // A full store must not keep anybody from saving.
    }
  }

  // The draft of `form` is kept under its page, and under its own name (data-draft="step 3") where a page has several forms.
  function keyOf(prefix, form) {
    const path = new URL(placeOf(form).place, location.origin).pathname;
    return `${prefix}${words.user} ${words.institution} ${path}${form.dataset.draft ? ` ${form.dataset.draft}` : ""}`;
  }

  const formOf = (prefix, key) => [...document.querySelectorAll("form[data-draft]")].find((form) => keyOf(prefix, form) === key);

  function isKept(control) {
    if (!control.name || ["password", "file", "submit", "button", "image"].includes(control.type)) return false;
    return control.type !== "hidden" || control.hasAttribute("data-keep");
  }

  // The fields of `form` as they stand; `always` tells of selects without a choice, too.
  function snapshot(form, always, takes = isKept) {
    const fields = [];
    for (const control of form.elements) {
      if (!takes(control)) continue;
      if (control.type === "checkbox" || control.type === "radio") {
        fields.push({ name: control.name, value: control.value, checked: control.checked });
      } else if (control.tagName === "SELECT") {
        const chosen = [...control.selectedOptions].filter((option) => option.value !== "");
        if (chosen.length || always) fields.push({ name: control.name, options: chosen.map((option) => [option.value, option.text]) });
      } else {
        fields.push({ name: control.name, value: control.value });
      }
    }
    return fields;
  }

  function keep(form, phase = "sent") {
    const hadFiles = [...form.elements].some((control) => control.type === "file" && control.files.length > 0);
    const path = new URL(placeOf(form).place, location.origin).pathname;
    // Nothing chosen before a detour means that what the detour made may be chosen for the person.
    const fields = snapshot(form, phase === "sent");
    store(sessionStorage, keyOf(PREFIX, form), { phase, user: words.user, path, at: Date.now(), hadFiles, fields });
    const typed = localStorage.getItem(keyOf(TYPED, form));
    if (typed) store(localStorage, keyOf(TYPED, form), { ...JSON.parse(typed), sent: true });
  }

  // ---- putting a draft into its form ------------------------------------------------------------------------------------

  function putBack(form, fields) {
    document.dispatchEvent(new CustomEvent("sinergi:restore", { detail: { form, fields } }));
    const seen = {};
    for (const field of fields) {
      const place = (seen[field.name] = (seen[field.name] ?? -1) + 1);
      const controls = [...form.elements].filter((control) => control.name === field.name && isKept(control));
      if ("checked" in field) {
        const box = controls.find((control) => control.value === field.value);
        if (box) box.checked = field.checked;
      } else if (controls[place]) {
        setValue(controls[place], field);
      }
    }
    form.dispatchEvent(new CustomEvent("sinergi:filled", { bubbles: true }));
  }

  function setValue(control, field) {
    if (!field.options) {
      control.value = field.value ?? "";
      return;
    }
    for (const [value, text] of field.options) {
      if (![...control.options].some((option) => option.value === value)) {
        if (!control.hasAttribute("data-lookup")) return;
        control.add(new Option(text, value));
      }
    }
    const values = field.options.map(([value]) => value);
    for (const option of control.options) option.selected = values.includes(option.value) || (!values.length && option.value === "");
    control.tomselect?.sync();
  }

  function showDraft(form, draft) {
    putBack(form, draft.fields);
    const notice = document.getElementById("draft-notice").content.firstElementChild.cloneNode(true);
    notice.querySelector("[data-draft-files]").hidden = !draft.hadFiles;
    notice.querySelector("[data-draft-discard]").addEventListener("click", () => {
      sessionStorage.removeItem(keyOf(PREFIX, form));
      localStorage.removeItem(keyOf(TYPED, form));
      changed.clear();
      location.reload();
    });
    form.prepend(notice);
  }

  function offerTyped(form, key, draft) {
    const offer = document.getElementById("draft-offer")?.content.firstElementChild.cloneNode(true);
    if (!offer) return;
    const at = new Date(draft.at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    offer.querySelector("[data-draft-time]").textContent = at;
    offer.querySelector("[data-draft-restore]").addEventListener("click", () => {
      putBack(form, draft.fields);
      changed.add(form);
      offer.remove();
      form.querySelector("input:not([type=hidden]), textarea")?.focus();
    });
    offer.querySelector("[data-draft-discard]").addEventListener("click", () => {
      localStorage.removeItem(key);
      offer.remove();
    });
    form.closest("details")?.setAttribute("open", "");
    form.prepend(offer);
  }

  // ---- what becomes of drafts when a page opens --------------------------------------------------------------------------

  function settle() {
    const isSignIn = location.pathname === "/login/";
    const shown = new Set();
    for (const [key, draft] of noted(sessionStorage, PREFIX)) {
      if (isSignIn) {
        const asked = new URLSearchParams(location.search);
        const back = new URL(asked.get("next") || "/", location.origin);
        if (draft.phase === "sent" && asked.get("expired") === "1" && back.pathname === draft.path) {
          store(sessionStorage, key, { ...draft, phase: "kept" });
        }
        continue;
      }
      if (!words.user) continue; // an error page for nobody in particular
      const form = formOf(PREFIX, key);
      if (draft.user !== words.user || Date.now() - draft.at > HOURS_KEPT * 3600e3) {
        sessionStorage.removeItem(key);
      } else if (form && draft.phase !== "sent") {
        showDraft(form, draft);
        shown.add(form);
        changed.add(form);
        store(sessionStorage, key, { ...draft, phase: "shown" });
      } else if (draft.phase !== "kept") {
        sessionStorage.removeItem(key);
      }
    }
    settleTyped(isSignIn, shown);
  }

  function settleTyped(isSignIn, shown) {
    const signedOut = isSignIn && !new URLSearchParams(location.search).has("next");
    for (const [key, draft] of noted(localStorage, TYPED)) {
      const isForeign = words.user && draft.user !== words.user;
      if (signedOut || isForeign || Date.now() - draft.at > HOURS_KEPT * 3600e3) {
        localStorage.removeItem(key);
        continue;
      }
      const form = formOf(TYPED, key);
      const isRefused = form?.querySelector("[role=alert]");
      if (draft.sent && words.user && !isRefused && !shown.has(form)) localStorage.removeItem(key); // it was saved
      else if (form && !isRefused && !shown.has(form)) offerTyped(form, key, draft);
    }
  }

  let pause = 0;

  function noteTyped(form) {
    clearTimeout(pause);
    pause = setTimeout(() => {
      if (!words.user || !changed.has(form)) return;
      const takes = (control) => isKept(control) && !control.closest("[data-personal]");
      store(localStorage, keyOf(TYPED, form), { user: words.user, at: Date.now(), fields: snapshot(form, true, takes) });
    }, PAUSE_MILLISECONDS);
  }

  function noteChange(form) {
    changed.add(form);
    if (form.hasAttribute("data-draft")) noteTyped(form);
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form");
    if (form && (form.hasAttribute("data-draft") || form.hasAttribute("data-guard"))) noteChange(form);
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form");
    if (form && form.hasAttribute("data-draft") && event.target.name) noteChange(form);
  });

  // A detour from a form, such as making the record that it asks for: what was typed waits for the return.
  document.addEventListener("click", (event) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const leave = event.target.closest("form[data-draft] [data-leave]");
    if (leave) localStorage.removeItem(keyOf(TYPED, leave.closest("form")));
    const link = event.target.closest("form[data-draft] a[data-detour]");
    if (!link || event.defaultPrevented) return;
    const form = link.closest("form");
    if (!changed.has(form) && !form.querySelector("[role=alert]")) return; // nothing was typed, and nothing refused
    keep(form, "kept");
    changed.delete(form);
  });

  window.addEventListener("beforeunload", (event) => {
    if ([...changed].some((form) => form.isConnected && form.hasAttribute("data-draft"))) event.preventDefault();
  });

  window.Sinergi.drafts = { keep, notePlace, changed };
  if (location.pathname === "/login/") returnToPlace();
  document.addEventListener("DOMContentLoaded", settle); // when all scripts listen that have a part in putting back
})();
