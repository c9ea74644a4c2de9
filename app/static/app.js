// What pages do in the browser. Every page also works without it, except selects that search.
(() => {
  "use strict";

  const body = document.body;
  const words = body.dataset;

  // ---- selects that search while typing ---------------------------------------------------------------------------

  function searchSelect(select) {
    if (select.tomselect || !window.TomSelect) return;
    const found = { words: null, places: new Map() }; // what the server answered last, in its order
    const box = new TomSelect(select, {
      valueField: "value",
      labelField: "text",
      searchField: ["text"],
      // The server has searched; nothing is sorted out again here. An answer to other words is none.
      score: (query) => (option) => (found.words === query && found.places.get(String(option.value))) || 0,
      preload: "focus",
      maxOptions: 100,
      loadThrottle: 200,
      placeholder: select.options[0] && select.options[0].value === "" ? select.options[0].text : "",
      allowEmptyOption: false,
      closeAfterSelect: true,
      // Without this the list opens again when the look-up returns, and swallows the next click. Tab goes on from here.
      onItemAdd() {
        this.wrapper.classList.remove("is-typing");
        this.setTextboxValue("");
        this.blur();
      },
      // What is typed takes the place of the old choice, which comes back when nothing new is chosen.
      onType(text) {
        this.wrapper.classList.toggle("is-typing", text !== "" && !select.multiple);
      },
      onBlur() {
        this.wrapper.classList.remove("is-typing");
      },
      load(query, done) {
        fetch(`${select.dataset.lookup}?q=${encodeURIComponent(query)}`, { headers: { Accept: "application/json" } })
          .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
          .then((answer) => {
            if (query !== this.inputValue()) return done(); // an answer that comes too late
            found.words = query;
            found.places = new Map(answer.map((option, place) => [String(option.value), answer.length - place]));
            this.clearOptions((option) => this.items.includes(String(option.value)));
            done(answer);
            if (query && !select.multiple) this.setActiveOption(this.dropdown_content.querySelector("[data-selectable]"));
          })
          .catch((status) => {
            this.lastProblem = status === 401 ? words.wordEnded : words.wordFailed;
            done();
          });
      },
      render: {
        option(data, escape) {
          return `<div>${escape(data.text)}${data.title ? `<small>${escape(data.title)}</small>` : ""}</div>`;
        },
        no_results: () => {
          const line = document.createElement("div");
          line.className = "no-results";
          const isAnswered = found.words === box.inputValue();
          line.textContent = box.lastProblem || (isAnswered ? words.wordNone : "…");
          if (isAnswered && !box.lastProblem) offerNew(line, select);
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
    box.control_input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && box.isOpen) box.dropdown_content.querySelector(".make-new")?.click();
    });
  }

  // Whoever typed a name that is not there makes the record at once; create.js opens the dialog.
  function offerNew(line, select) {
    const plus = document.querySelector(`a[data-create-for="${CSS.escape(select.id)}"]`);
    if (!plus) return;
    const link = document.createElement("a");
    link.href = plus.href;
    link.target = plus.target;
    link.dataset.createFor = select.id;
    link.className = "make-new";
    link.textContent = `${plus.title}: “${select.tomselect.inputValue()}”`;
    link.addEventListener("mousedown", (event) => event.preventDefault()); // the list stays until the click
    line.append(link);
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

  // Whoever cannot wait opens it where it is, not as a page of its own.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".lazy-wait a");
    const part = link?.closest("[data-load]");
    if (link?.getAttribute("href") !== part?.dataset.load || !part || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    nearby.unobserve(part);
    if (!part.hasAttribute("aria-busy")) loadPart(part);
  });

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
    } finally {
      part.removeAttribute("aria-busy");
    }
  }

  // ---- parts that change while one looks ---------------------------------------------------------------------------

  const POLL_MILLISECONDS = 1200;

  async function pollPart(part) {
    if (!part.isConnected) return;
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
    if (part.isConnected && part.dataset.poll) setTimeout(() => pollPart(part), POLL_MILLISECONDS);
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

  function makeReady(root) {
    root.querySelectorAll("select[data-lookup]").forEach(searchSelect);
    for (const part of root.querySelectorAll("[data-poll]")) setTimeout(() => pollPart(part), POLL_MILLISECONDS);
    for (const part of root.querySelectorAll("[data-load]")) {
      if (part.closest("[data-optional]")) loadPart(part);
      else nearby.observe(part);
    }
  }

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

  // Other scripts make ready what is theirs in a part that came later.
  function prepare(root) {
    makeReady(root);
    document.dispatchEvent(new CustomEvent("sinergi:content", { detail: root }));
  }

  window.Sinergi = { prepare };
  // Scripts that come after this one listen by then.
  document.addEventListener("DOMContentLoaded", () => {
    prepare(document);
    document.querySelector("[data-focus]")?.focus();
  });
  document.addEventListener("htmx:afterSettle", (event) => prepare(event.target));
})();
