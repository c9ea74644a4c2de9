// What pages do in the browser. Every page also works without it, except selects that search.
(() => {
  "use strict";

  const body = document.body;
  const words = body.dataset;

  // ---- selects that search while typing ---------------------------------------------------------------------------

  function searchSelect(select) {
    if (select.tomselect || !window.TomSelect) return;
    const box = new TomSelect(select, {
      valueField: "value",
      labelField: "text",
      searchField: ["text"],
      score: () => () => 1, // the server has searched; nothing is sorted out again here
      preload: "focus",
      maxOptions: 100,
      loadThrottle: 200,
      placeholder: select.options[0] && select.options[0].value === "" ? select.options[0].text : "",
      allowEmptyOption: false,
      closeAfterSelect: true,
      // Without this the list opens again when the look-up returns, and swallows the next click. Tab goes on from here.
      onItemAdd() {
        this.setTextboxValue("");
        this.blur();
      },
      load(query, done) {
        fetch(`${select.dataset.lookup}?q=${encodeURIComponent(query)}`, { headers: { Accept: "application/json" } })
          .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
          .then((found) => {
            this.clearOptions((option) => this.items.includes(String(option.value)));
            done(found);
          })
          .catch((status) => {
            this.lastProblem = status === 401 ? words.wordEnded : words.wordFailed;
            done();
          });
      },
      render: {
        no_results: () => {
          const line = document.createElement("div");
          line.className = "no-results";
          line.textContent = box.lastProblem || words.wordNone;
          box.lastProblem = "";
          return line;
        },
      },
    });
    select.setAttribute("aria-hidden", "true"); // Tom Select put a labelled box in its place
    for (const name of ["aria-describedby", "aria-invalid", "aria-required"]) {
      if (select.hasAttribute(name)) box.control_input.setAttribute(name, select.getAttribute(name));
    }
    if (select.hasAttribute("data-clearable")) addClearButton(box);
  }

  function addClearButton(box) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "ts-clear";
    button.setAttribute("aria-label", words.wordClear);
    button.textContent = "×";
    button.addEventListener("click", () => box.clear());
    box.wrapper.append(button);
  }

  // ---- parts that come later ----------------------------------------------------------------------------------------

  const nearby = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) {
          nearby.unobserve(entry.target);
          loadPart(entry.target);
        }
      }
    },
    { rootMargin: "200px" },
  );

  async function loadPart(part) {
    part.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(part.dataset.load, { headers: { Accept: "text/html" } });
      if (answer.redirected && new URL(answer.url).pathname === "/login/") {
        showProblem(part, words.wordEnded, words.wordSignIn, `/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      const optional = part.closest("[data-optional]");
      if (!html.trim() && optional) {
        optional.remove();
        return;
      }
      if (optional) optional.hidden = false;
      part.innerHTML = html;
      prepare(part);
    } catch {
      if (part.closest("[data-optional]")) part.closest("[data-optional]").hidden = false;
      showProblem(part, words.wordFailed, words.wordAgain, part.dataset.load);
      part.querySelector("a").addEventListener("click", (event) => {
        event.preventDefault();
        loadPart(part);
      });
    } finally {
      part.removeAttribute("aria-busy");
    }
  }

  // ---- parts that change while one looks ---------------------------------------------------------------------------

  const POLL_MILLISECONDS = 1200;

  async function pollPart(part) {
    try {
      const answer = await fetch(part.dataset.poll, { headers: { Accept: "text/html" } });
      if (answer.ok && !answer.redirected) {
        const box = document.createElement("template");
        box.innerHTML = await answer.text();
        const newer = box.content.firstElementChild;
        if (newer) {
          part.replaceWith(newer);
          part = newer;
        }
      }
    } catch {
      // The server may be changing places just now; the next look finds it.
    }
    if (part.dataset.poll) setTimeout(() => pollPart(part), POLL_MILLISECONDS);
  }

  function showProblem(part, text, linkText, address) {
    const line = document.createElement("p");
    line.className = "lazy-wait";
    line.setAttribute("role", "status");
    const link = document.createElement("a");
    link.href = address;
    link.textContent = linkText;
    line.append(`${text} `, link);
    part.replaceChildren(line);
  }

  function prepare(root) {
    root.querySelectorAll("select[data-lookup]").forEach(searchSelect);
    for (const part of root.querySelectorAll("[data-poll]")) setTimeout(() => pollPart(part), POLL_MILLISECONDS);
    for (const part of root.querySelectorAll("[data-load]")) {
      if (part.closest("[data-optional]")) loadPart(part);
      else nearby.observe(part);
    }
  }

  // ---- what was typed outlives an expired session ---------------------------------------------------------------------
  //
  // Sending a form notes the page it stands on. When the answer is the sign-in page (…expired=1), signing in leads back to
  // that page instead of the address that only takes what is sent. A draft goes "sent" when its form is sent, becomes
  // "kept" on the sign-in page, and is found on the form again ("shown") by the same person in the same institution. Any
  // other page means that the form was saved or left: drafts that are "sent" or "shown" are forgotten.

  const PREFIX = "sinergi-draft ";
  const PLACE = "sinergi-place";
  const HOURS_KEPT = 12;

  // The address on which `form` is found again. A page that answered to sending is found where the form was first sent from.
  function placeOf(form) {
    const action = new URL(form.getAttribute("action") || location.href, location.href).pathname;
    const before = JSON.parse(sessionStorage.getItem(PLACE) || "null");
    const isAnswer = before && before.action === action && action === location.pathname;
    return { action, place: isAnswer ? before.place : location.pathname + location.search };
  }

  function notePlace(form) {
    store(PLACE, { ...placeOf(form), at: Date.now() });
  }

  function returnToPlace() {
    const asked = new URLSearchParams(location.search);
    const before = JSON.parse(sessionStorage.getItem(PLACE) || "null");
    if (asked.get("expired") !== "1" || !before || Date.now() - before.at > 120e3) return;
    asked.set("next", before.place);
    history.replaceState(null, "", `${location.pathname}?${asked}`);
  }

  function drafts() {
    const found = [];
    for (const key of Object.keys(sessionStorage)) {
      if (!key.startsWith(PREFIX)) continue;
      try {
        found.push([key, JSON.parse(sessionStorage.getItem(key))]);
      } catch {
        sessionStorage.removeItem(key);
      }
    }
    return found;
  }

  function store(key, draft) {
    try {
      sessionStorage.setItem(key, JSON.stringify(draft));
    } catch {
      // A full store must not keep anybody from saving.
    }
  }

  const draftKey = (path) => `${PREFIX}${words.user} ${words.institution} ${path}`;

  function keepDraft(form, phase = "sent") {
    const fields = [];
    let hadFiles = false;
    for (const control of form.elements) {
      if (control.type === "file") hadFiles = hadFiles || control.files.length > 0;
      if (!isKept(control)) continue;
      if (control.type === "checkbox" || control.type === "radio") {
        fields.push({ name: control.name, value: control.value, checked: control.checked });
      } else if (control.tagName === "SELECT") {
        const chosen = [...control.selectedOptions].filter((option) => option.value !== "");
        // Nothing chosen before a detour means that what the detour made may be chosen for the person.
        if (chosen.length || phase === "sent") fields.push({ name: control.name, options: chosen.map((option) => [option.value, option.text]) });
      } else {
        fields.push({ name: control.name, value: control.value });
      }
    }
    const path = new URL(placeOf(form).place, location.origin).pathname;
    store(draftKey(path), { phase, user: words.user, path, at: Date.now(), hadFiles, fields });
  }

  function isKept(control) {
    if (!control.name || ["password", "file", "submit", "button", "image"].includes(control.type)) return false;
    return control.type !== "hidden" || control.hasAttribute("data-keep");
  }

  function showDraft(form, draft) {
    const seen = {};
    for (const field of draft.fields) {
      const place = (seen[field.name] = (seen[field.name] ?? -1) + 1);
      const controls = [...form.elements].filter((control) => control.name === field.name && isKept(control));
      if ("checked" in field) {
        const box = controls.find((control) => control.value === field.value);
        if (box) box.checked = field.checked;
      } else if (controls[place]) {
        setValue(controls[place], field);
      }
    }
    const notice = document.getElementById("draft-notice").content.firstElementChild.cloneNode(true);
    notice.querySelector("[data-draft-files]").hidden = !draft.hadFiles;
    notice.querySelector("[data-draft-discard]").addEventListener("click", () => {
      sessionStorage.removeItem(draftKey(location.pathname));
      changed.clear();
      location.reload();
    });
    form.prepend(notice);
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
  }

  function settleDrafts() {
    const isSignIn = location.pathname === "/login/";
    const form = document.querySelector("form[data-draft]");
    for (const [key, draft] of drafts()) {
      if (isSignIn) {
        const asked = new URLSearchParams(location.search);
        const back = new URL(asked.get("next") || "/", location.origin);
        if (draft.phase === "sent" && asked.get("expired") === "1" && back.pathname === draft.path) {
          store(key, { ...draft, phase: "kept" });
        }
        continue;
      }
      if (!words.user) continue; // an error page for nobody in particular
      const isHere = form && key === draftKey(location.pathname);
      if (draft.user !== words.user || Date.now() - draft.at > HOURS_KEPT * 3600e3) {
        sessionStorage.removeItem(key);
      } else if (isHere && draft.phase !== "sent") {
        showDraft(form, draft);
        changed.add(form);
        store(key, { ...draft, phase: "shown" });
      } else if (draft.phase !== "kept") {
        sessionStorage.removeItem(key);
      }
    }
  }

  // ---- forms: sent once, not left by mistake -----------------------------------------------------------------------------

  const changed = new Set();

  function badInput(form) {
    return [...form.elements].find((control) => control.validity && control.validity.badInput);
  }

  function checkFiles(input) {
    const limit = Number(input.dataset.maxBytes);
    const big = [...input.files].filter((file) => file.size > limit);
    const message = document.getElementById(`${input.id}-error`);
    input.classList.toggle("is-invalid", big.length > 0);
    if (message) message.textContent = big.length ? `${input.dataset.tooBig} ${big.map((file) => file.name).join(", ")}` : "";
    return big.length === 0;
  }

  function markSent(form, submitter) {
    form.dataset.sent = "1";
    changed.delete(form);
    setTimeout(() => {
      for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = true;
      submitter?.classList.add("btn-loading");
    });
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    const bad = badInput(form);
    if (bad) {
      event.preventDefault();
      bad.focus();
      bad.reportValidity();
      return;
    }
    const tooBig = [...form.querySelectorAll("input[type=file][data-max-bytes]")].find((input) => !checkFiles(input));
    if (tooBig) {
      event.preventDefault();
      tooBig.focus();
      return;
    }
    const question = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (question && !form.dataset.confirmed) {
      event.preventDefault();
      ask(question, event.submitter).then((yes) => {
        if (!yes) return;
        form.dataset.confirmed = "1";
        form.requestSubmit(event.submitter);
      });
      return;
    }
    if (form.hasAttribute("data-draft")) keepDraft(form);
    notePlace(form);
    markSent(form, event.submitter);
  });

  function ask(question, submitter) {
    const dialog = document.getElementById("confirm");
    dialog.querySelector("#confirm-text").textContent = question;
    const yes = dialog.querySelector("[data-yes]");
    yes.textContent = submitter?.textContent.trim() || yes.dataset.yes;
    dialog.returnValue = "";
    dialog.showModal();
    yes.focus();
    return new Promise((resolve) => {
      dialog.addEventListener(
        "close",
        () => {
          submitter?.focus();
          resolve(dialog.returnValue === "yes");
        },
        { once: true },
      );
    });
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form");
    if (form && (form.hasAttribute("data-draft") || form.hasAttribute("data-guard"))) changed.add(form);
  });

  document.addEventListener("change", (event) => {
    const control = event.target;
    const form = control.closest("form");
    if (form && form.hasAttribute("data-draft") && control.name) changed.add(form);
    if (control.type === "file" && control.dataset.maxBytes) checkFiles(control);
    if (control.hasAttribute("data-autosubmit")) form.requestSubmit();
  });

  // A detour from a form, such as making the record that it asks for: what was typed waits for the return.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("form[data-draft] a[data-detour]");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const form = link.closest("form");
    keepDraft(form, "kept");
    changed.delete(form);
  });

  window.addEventListener("beforeunload", (event) => {
    if ([...changed].some((form) => form.isConnected && form.hasAttribute("data-draft"))) event.preventDefault();
  });

  // The page comes back from the browser's memory: its forms can be sent again.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      delete form.dataset.confirmed;
      for (const button of form.querySelectorAll("button")) {
        button.disabled = false;
        button.classList.remove("btn-loading");
      }
    }
  });

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "s") {
      const button = document.querySelector("form [data-save]");
      if (!button) return;
      event.preventDefault();
      button.form.requestSubmit(button);
    }
  });

  // ---- small conveniences ----------------------------------------------------------------------------------------------

  // A filter form sends only what is filled in, so that addresses stay short enough to pass on.
  document.addEventListener("submit", (event) => {
    if (!event.target.hasAttribute("data-filters")) return;
    for (const control of event.target.elements) if (control.name && control.value === "") control.disabled = true;
    setTimeout(() => {
      for (const control of event.target.elements) control.disabled = false;
    });
  });

  // An emptied search box searches for everything.
  document.addEventListener("search", (event) => {
    if (event.target.matches("[data-search]") && event.target.value === "" && event.target.defaultValue) event.target.form.requestSubmit();
  });

  // Groups of the menu stay as the person left them.
  for (const group of document.querySelectorAll("details[data-group]")) {
    const key = `sinergi-menu ${group.dataset.group}`;
    const wish = localStorage.getItem(key);
    if (wish === "open") group.open = true;
    else if (wish === "closed" && !group.querySelector("[aria-current]")) group.open = false;
    group.querySelector("summary").addEventListener("click", () => localStorage.setItem(key, group.open ? "closed" : "open"));
  }

  if (location.pathname === "/login/") returnToPlace();
  settleDrafts();
  prepare(document);
  document.addEventListener("htmx:afterSettle", (event) => prepare(event.target));
  document.querySelector("[data-focus]")?.focus();
})();
