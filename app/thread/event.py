"""What an addon tells in the thread of a record, besides messages and the record's own changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.records.attachment import Attachment


@dataclass(frozen=True, slots=True)
class ThreadEvent:
    """Something that happened to a record or to what belongs to it. ``record`` is what it happened to, where that is
    another; ``changes`` are (label, before, after).
    """

    at: datetime
    icon: str
    person: str
    what: str
    record: Any = None
    remark: str = ""
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    file: Attachment | None = None
