"""Hooks: named moments at which addons may act, delivered only to addons enabled for the record's institution.

Every hook is declared with a paragraph: who sends it, when, with what, and whether a receiver may refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.errors import AddonError
from app.registry.extensions import addon_of

Receiver = Callable[..., None]


@dataclass(slots=True)
class Hook:
    """A declared moment. Receivers run in load order, inside the sender's transaction."""

    name: str
    purpose: str
    receivers: list[tuple[str | None, Receiver]] = field(default_factory=list)


hooks: dict[str, Hook] = {}


def declare_hook(name: str, purpose: str) -> Hook:
    """Declare the hook ``name`` (``"addon.moment"``) with its paragraph."""
    if name in hooks:
        raise AddonError(f"The hook {name} is declared twice.")
    hooks[name] = Hook(name, purpose)
    return hooks[name]


def on(name: str) -> Callable[[Receiver], Receiver]:
    """Receive the hook ``name``. The receiver's addon is known by its module."""

    def register(receiver: Receiver) -> Receiver:
        if name not in hooks:
            raise AddonError(f"{receiver.__module__}: there is no hook {name}.")
        hooks[name].receivers.append((addon_of(receiver.__module__), receiver))
        return receiver

    return register


def send(name: str, institution_id: int, **payload: Any) -> None:
    """Deliver ``name`` to the receivers whose addon is enabled for ``institution_id``; errors reach the sender."""
    from app.registry.enablement import enabled_addons

    enabled = enabled_addons(institution_id)
    for addon, receiver in hooks[name].receivers:
        if addon is None or addon in enabled:
            receiver(**payload)


declare_hook(
    "kernel.record_created",
    "Sent by RecordService.create with record=, after the new record was flushed and before the transaction commits. "
    "A receiver may raise a SinergiError: the creation is then undone and the sentence shown.",
)
declare_hook(
    "kernel.record_changed",
    "Sent by RecordService.update with record= and changes= (name → (old, new)), after the flush, before the commit. "
    "A receiver may refuse by raising.",
)
declare_hook(
    "kernel.record_archived",
    "Sent by RecordService.archive with record=, after the record left lists and choices, before the commit. A "
    "receiver may refuse by raising Conflict.",
)
declare_hook(
    "kernel.record_restored",
    "Sent by RecordService.restore with record=, after an archived record came back, before the commit. A receiver may "
    "refuse by raising Conflict.",
)
declare_hook(
    "kernel.file_added",
    "Sent by attach with record= and file= (the Attachment), after the file was kept, before the commit. A receiver "
    "may refuse by raising Conflict.",
)
declare_hook(
    "kernel.file_removed",
    "Sent by RecordService.remove_file with record= and file= (the Attachment), after the file was taken off the "
    "record, before the commit. A receiver may refuse by raising Conflict.",
)
declare_hook(
    "kernel.before_transition",
    "Sent by RecordService.transition with record= and transition= before the state moves: the place for gates. "
    "A receiver refuses by raising Conflict or Invalid.",
)
declare_hook(
    "kernel.after_transition",
    "Sent by RecordService.transition with record= and transition= after the state moved and was flushed.",
)
