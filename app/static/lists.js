// Lists and their other views: the sheet of filters, menus, chosen rows. Without it every page still works.
(() => {
  "use strict";

  // ---- the list is exchanged by itself ------------------------------------------------------------------------------

  // Only what is filled in stands in the address, so that it stays short enough to pass on.
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") return;
    for (const [name, value] of [...event.detail.formData]) if (value === "") event.detail.formData.delete(name);
  });

  // A session that ended, or a page that refuses, is shown as a page of its own.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const address = new URL(event.detail.xhr.responseURL || location.href);
    if (address.pathname !== "/login/") return;
    event.detail.shouldSwap = false;
    location.assign(`/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
  });

  document.addEventListener("htmx:responseError", (event) => {
    const { verb, path } = event.detail.requestConfig;
    location.assign(verb === "get" ? event.detail.pathInfo.finalRequestPath || path : location.href);
  });

  document.addEventListener("htmx:afterSettle", (event) => event.target.querySelector?.("[data-quick] :is(input, select, textarea):not([type=hidden])")?.focus());

  // ---- sheets and menus --------------------------------------------------------------------------------------------------

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) document.getElementById(opener.dataset.dialog).showModal();
    const more = event.target.closest("[data-tool-more]");
    if (more) more.setAttribute("aria-expanded", String(more.getAttribute("aria-expanded") !== "true"));
    const dialog = event.target.closest("dialog.sheet");
    if (dialog && (event.target === dialog || event.target.closest("[data-dialog-close]"))) dialog.close();
    for (const menu of document.querySelectorAll("details[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    event.target.closest("[data-quick]")?.querySelector("[data-quick-cancel]")?.click();
  });

  // ---- a row is opened wherever it is clicked, unless something in it was meant ----------------------------------------

  const MEANT = "a, button, input, select, textarea, label, summary, form, [data-quick]";

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".table-records tbody tr")?.querySelector("a.record-link");
    if (!link || event.defaultPrevented || event.target.closest(MEANT) || !getSelection().isCollapsed) return;
    if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
    else link.click();
  });

  // ---- chosen rows -----------------------------------------------------------------------------------------------------

  document.addEventListener("change", (event) => {
    const box = event.target;
    const boxes = [...document.querySelectorAll("[data-choose]")];
    if (box.matches("[data-choose-all]")) for (const other of boxes) other.checked = box.checked;
    if (!box.matches("[data-choose-all], [data-choose]")) return;
    const chosen = boxes.filter((other) => other.checked).length;
    const all = document.querySelector("[data-choose-all]");
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
    document.getElementById("chosen").classList.toggle("is-used", chosen > 0);
  });

  // Days that are typed take the place of a period, and the other way round.
  document.addEventListener("change", (event) => {
    const range = event.target.closest("fieldset.filter-range");
    const period = range?.querySelector("[data-period]");
    if (!period || !event.target.value) return;
    if (event.target === period) for (const day of range.querySelectorAll("input")) day.value = "";
    else period.value = "";
  });
})();
