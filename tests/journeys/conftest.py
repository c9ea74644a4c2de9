"""People at browsers, each with a session of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli.demo import DEMO_PASSWORD

PICTURES = Path(__file__).resolve().parents[1] / "artifacts"


class Clerk:
    """Somebody at a browser: signs in once, then works by clicking and typing."""

    def __init__(self, browser: Any, url: str, username: str, width: int = 1440) -> None:
        height = 900 if width > 500 else 844
        self.context = browser.new_context(
            base_url=url, locale="id-ID", timezone_id="Asia/Jakarta", viewport={"width": width, "height": height}
        )
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.username = username
        self.page.goto("/login/")
        self.sign_in()

    def sign_in(self) -> None:
        """Fill the login page that is open."""
        self.page.fill("[name=username]", self.username)
        self.page.fill("[name=password]", DEMO_PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url(lambda address: "/login/" not in address)

    def choose(self, field: str, words: str) -> None:
        """Choose in a select that searches."""
        box = self.page.locator(f"#f-{field}-ts-control")
        box.click()
        box.fill(words)
        self.page.locator(f"#f-{field}-ts-dropdown .option", has_text=words).first.click()

    def go(self, address: str) -> None:
        """Go to a page."""
        self.page.goto(address)

    def tick(self, selector: str) -> None:
        """Tick every box that fits, or choose the one button."""
        for box in self.page.locator(selector).all():
            box.check()

    def pick(self, selector: str) -> None:
        """Choose the first offer of a plain select."""
        self.page.locator(selector).first.select_option(index=1)

    def attach(self, name: str, content: bytes) -> None:
        """Put a PDF into the form."""
        self.page.set_input_files("[name=files]", {"name": name, "mimeType": "application/pdf", "buffer": content})

    def fill(self, **values: str) -> None:
        """Fill plain fields by name."""
        for name, value in values.items():
            self.page.fill(f"[name={name}]", value)

    def save(self) -> None:
        """Send the record form."""
        with self.page.expect_navigation():
            self.page.locator("form.record-form button.btn-primary").first.click()

    def press(self, selector: str) -> None:
        """Click something that leads to another page."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()

    def text(self) -> str:
        """What the page says."""
        return str(self.page.locator("main").inner_text())

    def picture(self, name: str) -> None:
        """Keep a picture of the page for people to look at."""
        PICTURES.mkdir(exist_ok=True)
        width = self.page.viewport_size["width"]
        self.page.screenshot(path=str(PICTURES / f"{name}-{width}.png"), full_page=True)

    def fits(self) -> bool:
        """Whether the page needs no horizontal scrolling."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


class KeyboardClerk(Clerk):
    """Somebody without a mouse: everything is reached with the Tab key and done with keys."""

    MOST_STOPS = 200

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        # Playwright turns to file choosers only while somebody listens, and not before a key that is pressed at once.
        self.page.on("filechooser", lambda _chooser: None)

    def reach(self, place: Any) -> Any:
        """Press Tab until the focus is on ``place``; what cannot be reached, or does not show it, is a fault."""
        wanted = place.element_handle()
        for _stop in range(self.MOST_STOPS):
            if wanted.evaluate("element => element === document.activeElement"):
                break
            self.page.keyboard.press("Tab")
        else:
            raise AssertionError(f"{place} is not reached with the Tab key")
        assert wanted.evaluate(SHOWS_FOCUS), f"{place} does not show that it has the focus"
        return wanted

    def _press_key(self, place: Any, key: str = "Enter") -> None:
        self.reach(place)
        self.page.keyboard.press(key)

    def _type(self, words: str) -> None:
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(words)

    def go(self, address: str) -> None:
        """By the menu where it leads there, by the link that adds a record; else by typing the address."""
        if address.endswith("/add"):
            self.go(address.removesuffix("add"))
        link = self.page.locator(f'a[href="{address}"]:visible')
        if link.count():
            with self.page.expect_navigation():
                self._press_key(link.first)
        else:
            super().go(address)

    def choose(self, field: str, words: str) -> None:
        self.reach(self.page.locator(f"#f-{field}-ts-control"))
        self.page.keyboard.type(words)
        self.page.locator(f"#f-{field}-ts-dropdown .option.active", has_text=words).wait_for()
        self.page.keyboard.press("Enter")

    def tick(self, selector: str) -> None:
        for box in self.page.locator(selector).all():
            if box.get_attribute("type") == "radio":
                self._choose_button(box)
            else:
                self._press_key(box, "Space")
            assert box.is_checked()

    def _choose_button(self, button: Any) -> None:
        group = self.page.locator(f'[name="{button.get_attribute("name")}"]')
        self.reach(group.first)
        self.page.keyboard.press("Space")
        for _turn in range(group.count()):
            if button.is_checked():
                return
            self.page.keyboard.press("ArrowDown")

    def pick(self, selector: str) -> None:
        self._press_key(self.page.locator(selector).first, "ArrowDown")

    def attach(self, name: str, content: bytes) -> None:
        self.reach(self.page.locator("[name=files]"))
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Enter")
        chooser.value.set_files({"name": name, "mimeType": "application/pdf", "buffer": content})

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.reach(self.page.locator(f"[name={name}]"))
            self._type(value)

    def save(self) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press("Control+S")

    def press(self, selector: str) -> None:
        with self.page.expect_navigation():
            self._press_key(self.page.locator(selector).first)


SHOWS_FOCUS = """element => {
    const shown = node => {
        const style = getComputedStyle(node);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
    };
    return shown(element) || (element.closest(".ts-wrapper, .form-selectgroup-item, label") !== null
        && shown(element.closest(".ts-wrapper, .form-selectgroup-item, label")));
}"""
"""Whether the element, or the box it is drawn as, has an outline or a ring around it."""


@pytest.fixture
def clerk(chromium: Any, live: Any) -> Iterator[Callable[..., Clerk]]:
    """``clerk("kendal.staf")`` sits down at a browser; at the end nobody saw a script error."""
    present: list[Clerk] = []

    def sit_down(username: str, width: int = 1440, *, has_mouse: bool = True) -> Clerk:
        kind = Clerk if has_mouse else KeyboardClerk
        present.append(kind(chromium, live.url, username, width))
        return present[-1]

    yield sit_down
    errors = [error for person in present for error in person.errors]
    for person in present:
        person.context.close()
    assert not errors, errors
