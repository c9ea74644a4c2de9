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


@pytest.fixture
def clerk(chromium: Any, live: Any) -> Iterator[Callable[..., Clerk]]:
    """``clerk("kendal.staf")`` sits down at a browser; at the end nobody saw a script error."""
    present: list[Clerk] = []

    def sit_down(username: str, width: int = 1440) -> Clerk:
        present.append(Clerk(chromium, live.url, username, width))
        return present[-1]

    yield sit_down
    errors = [error for person in present for error in person.errors]
    for person in present:
        person.context.close()
    assert not errors, errors
