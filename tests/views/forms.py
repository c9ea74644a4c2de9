"""What a browser would send of a form."""

from __future__ import annotations

from html.parser import HTMLParser

UNSENT = ("template", "noscript")
"""The pattern of a further row, and what is for browsers without scripts."""


class FormReader(HTMLParser):
    """The fields of the form with a form token: name → value, as a browser sends them untouched."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.fields: dict[str, str] = {}
        self.labels: set[str] = set()
        self._forms: list[dict[str, str]] = []
        self._select = self._textarea = ""
        self._unsent = 0
        self._labelled: set[str] = set()
        self.feed(page)
        self.fields = next((form for form in self._forms if "form_token" in form), {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect inputs, chosen options and the beginnings of text boxes."""
        self._unsent += tag in UNSENT
        if self._unsent:
            return
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self._forms.append({})
        elif tag == "label":
            self.labels.add(given.get("for", ""))
        elif tag == "input" and name and self._forms:
            if given.get("type") not in {"checkbox", "radio", "file"} or "checked" in given:
                self._forms[-1][name] = given.get("value", "on")
        elif tag == "select":
            self._select = name
            self._forms[-1].setdefault(name, "")
        elif tag == "option" and "selected" in given and self._select:
            self._forms[-1][self._select] = given.get("value", "")
        elif tag == "textarea":
            self._textarea = name
            self._forms[-1][name] = ""

    def handle_endtag(self, tag: str) -> None:
        """Close the present box."""
        self._unsent -= tag in UNSENT
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            # A browser drops the first line break of a text box.
            self._forms[-1][self._textarea] = self._forms[-1][self._textarea].removeprefix("\n")
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        """The text of a text box."""
        if self._textarea:
            self._forms[-1][self._textarea] += data
