"""Countries as choices: the two-letter codes of ISO 3166, with the names that Unicode's CLDR gives them."""

from typing import Any

from babel import Locale
from flask_babel import LazyString, get_locale


def _name(code: str) -> str:
    names = (get_locale() or Locale("en")).territories
    return str(names.get(code) or Locale("en").territories.get(code, code))


def _countries() -> dict[str, Any]:
    names = {code: name for code, name in Locale("id").territories.items() if len(code) == 2 and code.isalpha()}
    for outside in ("EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"):
        names.pop(outside, None)
    return {code: LazyString(_name, code) for code in sorted(names, key=names.__getitem__)}


COUNTRIES = _countries()
