// The thread of a record: written without leaving the page, with names that are suggested behind an @.
(() => {
  "use strict";

  // Before forms.js, which would send the page away.
  document.addEventListener(
    "submit",
    (event) => {
      const thread = event.target.closest("[data-thread]");
      if (!thread || event.defaultPrevented) return;
      event.preventDefault();
      send(thread, event.target, event.submitter);
    },
    true,
  );

  async function send(thread, form, button) {
    if (button?.disabled) return;
    if (button) button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Part": "thread", Accept: "text/html" } });
      if (answer.redirected || (answer.status >= 400 && ![409, 422].includes(answer.status))) throw new Error(String(answer.status));
      const box = document.createElement("template");
      box.innerHTML = await answer.text();
      const newer = box.content.querySelector("[data-thread]");
      window.Sinergi.drafts.changed.delete(form);
      thread.replaceWith(newer);
      window.Sinergi.prepare(newer);
      newer.querySelector("textarea").focus();
    } catch {
      const line = document.createElement("p");
      line.className = "input-doubt";
      line.setAttribute("role", "alert");
      line.textContent = document.body.dataset.wordFailed;
      form.append(line);
      if (button) button.disabled = false;
    }
  }

  // ---- what a link leads to, and what opens ------------------------------------------------------------------------------

  // A notice leads to an item of the thread, which comes after the page.
  function showItem(root) {
    const name = location.hash.slice(1);
    if (!/^(activity|message)-\d+$/.test(name)) return;
    const item = document.getElementById(name);
    if (!item) {
      if (root === document) document.getElementById("thread")?.scrollIntoView(); // and it is loaded
      return;
    }
    if (root !== document && !root.contains(item)) return;
    document.querySelector(".thread .is-marked")?.classList.remove("is-marked");
    const folded = item.closest("details");
    if (folded) folded.open = true;
    item.classList.add("is-marked");
    item.scrollIntoView({ block: "center" });
    item.focus({ preventScroll: true });
  }

  document.addEventListener("sinergi:content", (event) => showItem(event.detail));
  window.addEventListener("hashchange", () => showItem(document));

  document.addEventListener(
    "toggle",
    (event) => {
      const details = event.target;
      if (!details.open || !details.hasAttribute("data-opens-in-sight")) return;
      details.querySelector("input:not([type=hidden]), textarea, select")?.focus({ preventScroll: true });
      details.scrollIntoView({ block: details.offsetHeight > window.innerHeight ? "start" : "nearest" });
    },
    true,
  );

  // ---- @names -----------------------------------------------------------------------------------------------------------

  let asked = 0;

  function wordBehindAt(area) {
    return /@([\p{L}\p{N}.' ]{0,40})$/u.exec(area.value.slice(0, area.selectionStart))?.[1];
  }

  async function suggest(area) {
    const word = wordBehindAt(area);
    const turn = (asked += 1);
    if (word === undefined || word.endsWith("  ")) return close(area);
    try {
      const answer = await fetch(`${area.dataset.mentions}?q=${encodeURIComponent(word)}`, { headers: { Accept: "application/json" } });
      const found = answer.ok ? await answer.json() : [];
      if (turn === asked) show(area, found);
    } catch {
      close(area);
    }
  }

  function show(area, people) {
    close(area);
    if (!people.length) return;
    const list = document.createElement("ul");
    list.className = "mention-list";
    list.id = `${area.id}-people`;
    list.setAttribute("role", "listbox");
    people.forEach((person, place) => {
      const line = document.createElement("li");
      line.id = `${list.id}-${place}`;
      line.setAttribute("role", "option");
      line.textContent = person.text;
      line.addEventListener("mousedown", (event) => {
        event.preventDefault();
        choose(area, person.text);
      });
      list.append(line);
    });
    area.after(list);
    area.setAttribute("aria-controls", list.id);
    mark(area, 0);
  }

  function close(area) {
    document.getElementById(`${area.id}-people`)?.remove();
    area.removeAttribute("aria-activedescendant");
  }

  function mark(area, place) {
    const lines = [...(document.getElementById(`${area.id}-people`)?.children || [])];
    if (!lines.length) return;
    const at = (place + lines.length) % lines.length;
    lines.forEach((line, number) => line.setAttribute("aria-selected", String(number === at)));
    area.setAttribute("aria-activedescendant", lines[at].id);
  }

  function choose(area, name) {
    const before = area.value.slice(0, area.selectionStart).replace(/@[^@]*$/, `@${name} `);
    area.setRangeText(before, 0, area.selectionStart, "end");
    close(area);
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-mentions]")) suggest(event.target);
  });

  document.addEventListener("keydown", (event) => {
    const area = event.target;
    const list = area.matches?.("[data-mentions]") && document.getElementById(`${area.id}-people`);
    if (!list) return;
    const lines = [...list.children];
    const at = lines.findIndex((line) => line.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") mark(area, at + (event.key === "ArrowDown" ? 1 : -1));
    else if (event.key === "Enter" || event.key === "Tab") choose(area, lines[at].textContent);
    else if (event.key === "Escape") close(area);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });

  document.addEventListener("focusout", (event) => {
    if (event.target.matches?.("[data-mentions]")) close(event.target);
  });

  // ---- files: dropped, and looked at ------------------------------------------------------------------------------------

  const cardOf = (event) => event.target.closest?.("[data-drop]");

  document.addEventListener("dragover", (event) => {
    const card = cardOf(event);
    if (!card || ![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    card.classList.add("is-dropping");
  });

  document.addEventListener("dragleave", (event) => {
    const card = cardOf(event);
    if (card && !card.contains(event.relatedTarget)) card.classList.remove("is-dropping");
  });

  document.addEventListener("drop", (event) => {
    const card = cardOf(event);
    if (!card || !event.dataTransfer.files.length) return;
    event.preventDefault();
    card.classList.remove("is-dropping");
    const input = card.querySelector("input[type=file]");
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true })); // forms.js sends it
  });

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-preview]");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const answer = await fetch(link.href, { headers: { "X-Part": "preview", Accept: "text/html" } });
    if (!answer.ok || answer.redirected) {
      location.assign(link.href); // the page itself says what is the matter
      return;
    }
    const dialog = document.getElementById("preview").content.firstElementChild.cloneNode(true);
    dialog.querySelector("h2").textContent = link.dataset.preview;
    dialog.querySelector("[data-preview-pages]").innerHTML = await answer.text();
    dialog.addEventListener("close", () => {
      dialog.remove();
      link.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
  });

  // A page that cannot be drawn says so in words.
  document.addEventListener("error", (event) => {
    const pages = event.target.closest?.("[data-broken]");
    if (!pages || event.target.tagName !== "IMG") return;
    const told = document.createElement("p");
    told.className = "text-secondary";
    told.textContent = pages.dataset.broken;
    event.target.replaceWith(told);
  }, true);
})();
