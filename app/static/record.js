// Record pages: tabs, the way to the next record of the list one came from, print.
(() => {
  "use strict";

  const LIST = "sinergi-list";

  // ---- previous and next --------------------------------------------------------------------------------------------------

  function note(root, address) {
    const hrefs = [...new Set([...root.querySelectorAll("main a.record-link")].map((link) => new URL(link.getAttribute("href"), address).pathname))];
    const page = (rel) => root.querySelector(`main a[rel=${rel}]`)?.getAttribute("href");
    const full = (href) => (href ? new URL(href, address).href : null);
    const list = { address: String(address), hrefs, prev: full(page("prev")), next: full(page("next")) };
    try {
      sessionStorage.setItem(LIST, JSON.stringify(list));
    } catch {
      // A full store only costs the convenience.
    }
    return list;
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("main a.record-link")) note(document, location.href);
  });

  async function follow(event, address, end) {
    event.preventDefault();
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return location.assign(address);
    const list = note(new DOMParser().parseFromString(await answer.text(), "text/html"), address);
    return location.assign(list.hrefs.at(end) || address);
  }

  function showNeighbours(nav) {
    const list = JSON.parse(sessionStorage.getItem(LIST) || "null");
    const at = list ? list.hrefs.indexOf(location.pathname) : -1;
    if (at < 0 || (list.hrefs.length < 2 && !list.prev && !list.next)) return;
    for (const [rel, href, page, end] of [["prev", list.hrefs[at - 1], list.prev, -1], ["next", list.hrefs[at + 1], list.next, 0]]) {
      const link = nav.querySelector(`[rel=${rel}]`);
      if (href) link.href = href;
      else if (page) {
        link.href = page;
        link.addEventListener("click", (event) => follow(event, page, end));
      } else link.removeAttribute("href");
    }
    nav.querySelector("[data-back]").href = list.address;
    nav.hidden = false;
  }

  // ---- tabs ---------------------------------------------------------------------------------------------------------------

  function makeTabs(box) {
    const panels = [...box.querySelectorAll(":scope > section")];
    if (panels.length < 2) return;
    const bar = document.createElement("div");
    bar.className = "tab-bar";
    bar.setAttribute("role", "tablist");
    const tabs = panels.map((panel) => {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.id = `${panel.id}-tab`;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      tab.innerHTML = panel.querySelector("h2").innerHTML;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("click", () => open(tabs.indexOf(tab)));
      bar.append(tab);
      return tab;
    });
    function open(place) {
      tabs.forEach((tab, number) => {
        tab.setAttribute("aria-selected", String(number === place));
        tab.tabIndex = number === place ? 0 : -1;
        panels[number].hidden = number !== place;
      });
    }
    bar.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const place = (tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length;
      open(place);
      tabs[place].focus();
    });
    box.classList.add("has-tabs");
    box.prepend(bar);
    const wanted = panels.findIndex((panel) => `#${panel.id}` === location.hash);
    open(Math.max(0, wanted));
    box.openTab = (id) => open(panels.findIndex((panel) => panel.id === id));
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-open-tab]");
    if (link) document.querySelector("[data-tabs]")?.openTab?.(link.getAttribute("href").slice(1));
    if (event.target.closest("[data-print]")) window.print();
  });

  document.querySelectorAll("[data-tabs]").forEach(makeTabs);
  document.querySelectorAll("[data-neighbours]").forEach(showNeighbours);
})();
