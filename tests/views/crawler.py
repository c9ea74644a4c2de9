"""Looking at pages as a browser does: errors, layout, accessibility, language.

``SINERGI_PICTURES=1`` keeps a picture of every page in tests/artifacts/pages: at both widths, in the dark, as printed.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from babel.messages.pofile import read_po
from flask import Flask
from playwright.sync_api import Error
from werkzeug.serving import make_server

from app.testing.client import Browserish
from app.testing.forked import ROOT

PICTURES = ROOT / "tests" / "artifacts" / "pages"
KEEPS_PICTURES = os.environ.get("SINERGI_PICTURES") == "1"
KINDS = {
    "1440": (1440, 900, "light", "screen"), "390": (390, 844, "light", "screen"),
    "dark": (1440, 900, "dark", "screen"), "print": (760, 1075, "light", "print"),
}  # fmt: skip
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
HEIGHT = 5000
"""So high that the parts of a page which come when they are seen all come."""
WIDTHS = {1440: "light", 390: "dark"}
"""A desk in daylight, a phone at night."""
FOREIGN = re.compile(
    r"appbuilder|bootstrap[.-]?3|bootstrap(\.min)?\.(css|js)|jquery|select2|gstatic|font-awesome", re.IGNORECASE
)
ENGLISH = re.compile(r"\b(the|and|not|this|with|your|you|nothing|please|choose)\b", re.IGNORECASE)
SEEN_TEXTS = """() => {
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const box = walker.currentNode.parentElement;
    if (box.closest("script, style, template, [lang=en], [translate=no], code, kbd")) continue;
    texts.push(walker.currentNode.textContent);
  }
  for (const box of document.body.querySelectorAll("[aria-label], [title], [placeholder]")) {
    if (box.closest("template, [lang=en]")) continue;
    for (const name of ["aria-label", "title", "placeholder"]) texts.push(box.getAttribute(name) || "");
  }
  return [document.title, ...texts].map((text) => text.trim().replace(/\\s+/g, " ")).filter(Boolean);
}"""
TOO_WIDE = """() => document.documentElement.scrollWidth > window.innerWidth + 1
  ? [...document.querySelectorAll("body *")].filter((box) => box.getBoundingClientRect().right > window.innerWidth + 1)
      .slice(0, 3).map((box) => box.tagName + "." + box.className)
  : null"""
ALL_HERE = """() => !document.querySelector("[aria-busy=true]")
  && ![...document.querySelectorAll("[data-load] > .lazy-wait:not([role])")]
      .some((part) => part.checkVisibility() && part.getBoundingClientRect().top < window.innerHeight)"""
SLIPS = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((box) => box.id);
  const kinds = "main :is(input:not([type=hidden], [hidden]), select:not(.tomselected), textarea)";
  const bare = (box) => !box.labels?.length && !box.matches("[aria-label], [aria-labelledby], [title]");
  return [
    ...[...new Set(ids.filter((id, place) => ids.indexOf(id) !== place))].map((id) => `two elements are #${id}`),
    ...[...document.querySelectorAll(kinds)].filter(bare).map((box) => `no label at ${box.outerHTML.slice(0, 100)}`),
    ...[...document.querySelectorAll(".lazy-wait[role=status]")].map((part) => `did not load: ${part.textContent}`),
  ];
}"""
"""What axe would find on any page, for those it is not asked about."""
SHAPES = """() => {
  const own = (box) => box.tagName + [...box.classList].sort().map((name) => "." + name).join("");
  const told = (box) => ["role", "type"].map((name) => box.getAttribute(name)) + box.ariaHidden;
  const shape = (box) => `${box.parentElement.tagName}>${own(box)}${told(box)}`;
  return [...new Set([...document.querySelectorAll("body *")].filter((box) => !box.closest("svg *")).map(shape))];
}"""
"""The kinds of elements on a page, each with the kind it stands in."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """``app`` on a port of this machine, in threads of this process; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def lines_of(page: str) -> set[str]:
    """What a page says and consists of, without numbers, tokens and the frame around it."""
    main = re.search(r'<main id="main".*?</main>', page, re.DOTALL)
    text = re.sub(r'name="(csrf_token|form_token)" value="[^"]*"', "", main[0] if main else page)
    return {line.strip() for line in re.sub(r"\d+", "0", text).splitlines()}


def english_texts() -> frozenset[str]:
    """The English texts of our code whose Indonesian is another."""
    found = set()
    for path in (
        *ROOT.glob("translations/id/LC_MESSAGES/*.po"),
        *ROOT.glob("addons/*/translations/id/LC_MESSAGES/*.po"),
    ):
        with path.open("rb") as file:
            for message in read_po(file, locale="id"):
                texts = message.id if isinstance(message.id, tuple) else (message.id,)
                words = message.string if isinstance(message.string, tuple) else (message.string,)
                found |= {text for text in texts if text and text not in words and "%" not in text}
    return frozenset(found)


@dataclass
class Crawler:
    """Opens pages of one person in one browser and notes what is wrong with them.

    Asking axe takes a second; it is asked about pages with a kind of element that ``shapes`` does not hold yet. Whoever
    crawls as several people hands the same ``shapes`` on.
    """

    browser: Any
    url: str
    someone: Browserish
    name: str
    english: frozenset[str] = frozenset()
    spared: frozenset[str] = frozenset()
    shapes: dict[int, set[str]] | None = field(default_factory=lambda: {width: set() for width in WIDTHS})
    wrong: list[str] = field(default_factory=list)
    looked: int = 0
    asked: int = 0

    def __enter__(self) -> Crawler:
        self.context = self.browser.new_context(base_url=self.url, locale="id-ID", reduced_motion="reduce")
        self.context.set_default_timeout(30_000)
        cookie = self.someone.http.get_cookie("sinergi_session")
        if cookie is not None:
            self.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.url}])
        self.page = self.context.new_page()
        self.noted: list[str] = []
        self.page.on("pageerror", lambda error: self.noted.append(f"script error: {error}"))
        self.page.on("dialog", lambda dialog: (self.noted.append("a dialog opened"), dialog.dismiss()))
        self.page.on("console", self._console)
        self.page.on("request", self._request)
        return self

    def __exit__(self, *_error: object) -> None:
        self.context.close()

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.noted.append(f"console: {message.text[:200]}")

    def _request(self, request: Any) -> None:
        if FOREIGN.search(request.url) or not request.url.startswith((self.url, "data:")):
            self.noted.append(f"asks for {request.url[:120]}")

    def look(self, path: str, *, status: int = 200) -> None:
        """Open ``path`` and look at it at both widths."""
        self.noted.clear()
        self.looked += 1
        self._set(1440)
        try:
            answer = self.page.goto(path, wait_until="load")
            self.page.wait_for_function(ALL_HERE)
        except Error as problem:
            self.wrong.append(f"{self.name} {path}: does not come to rest: {str(problem)[:200]}")
            return
        if status >= 400:
            self.noted[:] = [line for line in self.noted if "Failed to load resource" not in line]
        if answer is None or answer.status != status:
            self.noted.append(f"answers {answer and answer.status}")
        self._check_head()
        self._check_texts()
        self.noted += self.page.evaluate(SLIPS)
        if self.page.evaluate("() => window.poisoned"):
            self.noted.append("what was typed was run")
        for width in WIDTHS:
            self._set(width)
            too_wide = self.page.evaluate(TOO_WIDE)
            if too_wide is not None:
                self.noted.append(f"scrolls sideways at {width}: {too_wide}")
            self._check_axe(width)
        self.wrong += [f"{self.name} {path}: {line}" for line in dict.fromkeys(self.noted)]
        if KEEPS_PICTURES:
            self._pictures(path)

    def _set(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self.page.emulate_media(color_scheme=WIDTHS[width])

    def _check_head(self) -> None:
        title = self.page.title()
        if not title or title.startswith("·"):
            self.noted.append("has no title")
        headings = self.page.locator("h1").count()
        if headings != 1:
            self.noted.append(f"has {headings} h1")

    def _check_texts(self) -> None:
        if not self.english:
            return
        for text in self.page.evaluate(SEEN_TEXTS):
            words = text.rstrip(":").strip()
            if words in self.spared:
                continue
            if words in self.english or len(ENGLISH.findall(words)) >= 2:
                self.noted.append(f"not in Indonesian: {words[:80]!r}")

    def _check_axe(self, width: int) -> None:
        if self.shapes is None:
            return
        here = set(self.page.evaluate(SHAPES))
        if here <= self.shapes[width]:
            return
        self.shapes[width] |= here
        self.asked += 1
        if not self.page.evaluate("() => Boolean(window.axe)"):
            # Not as a script element: the content policy of the page stays as strict as it is.
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        options = {
            "resultTypes": ["violations"],
            "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
        }
        found = self.page.evaluate(
            "async (options) => (await window.axe.run(document, options)).violations"
            ".filter((rule) => ['serious', 'critical'].includes(rule.impact))"
            ".map((rule) => rule.id + ' ' + rule.nodes.slice(0, 2).map((node) => node.html.slice(0, 120)).join(' | '))",
            options,
        )
        self.noted += [f"axe at {width}: {line}" for line in found]

    def _pictures(self, path: str) -> None:
        name = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")[:100] or "home"
        PICTURES.mkdir(parents=True, exist_ok=True)
        for kind, (width, height, scheme, medium) in KINDS.items():
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.emulate_media(color_scheme=scheme, media=medium)
            full = self.page.evaluate("() => Math.min(document.documentElement.scrollHeight, 2400)")
            clip = {"x": 0, "y": 0, "width": width, "height": max(full, height)}
            target = PICTURES / f"{self.name}-{name}-{kind}.jpg"
            self.page.screenshot(path=target, type="jpeg", quality=60, clip=clip, full_page=True)
        self.page.emulate_media(media="screen")


def write_report(wrong: list[str], what: str) -> None:
    """Keep what was found beside the pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    text = json.dumps(wrong, indent=1, ensure_ascii=False)
    (PICTURES / f"findings of {what}.json").write_text(text, encoding="utf-8")
