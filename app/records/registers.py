"""What addons number: the registers that administrators may set a pattern for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Register:
    """What an addon numbers: ``code`` of its sequence, a title for people, the words its papers bring along (such as
    ``class_code``), and where units may count by themselves, ``units()`` for their codes.
    """

    code: str
    title: Any
    words: tuple[str, ...] = ()
    units: Callable[[], Collection[str]] | None = None
    longest: int = 60


registers: dict[str, Register] = {}
"""What is numbered, by code."""


def declare_register(
    code: str,
    title: Any,
    *,
    words: tuple[str, ...] = (),
    units: Callable[[], Collection[str]] | None = None,
    longest: int = 60,
) -> str:
    """Say what the numbers of ``code`` (``addon.register``) are for, so that administrators can set their pattern;
    ``longest`` is how many signs the column takes.
    """
    registers[code] = Register(code, title, words, units, longest)
    return code
