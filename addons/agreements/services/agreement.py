"""Rules of agreements."""

from typing import Any

from sqlalchemy import inspect

from addons.agreements.models.agreement import Agreement
from app.addon import Conflict, Invalid, RecordService, SinergiError
from app.addon import lazy_gettext as _l

SIGNED_CONTENT = (
    "title", "kind", "partner", "number", "partner_number", "subject", "signed_on", "starts_on", "ends_on",
    "our_signatory", "partner_signatory",
)  # fmt: skip
"""What the signed paper says. Once it is signed, the record follows the paper."""


class AgreementService(RecordService):
    """An agreement is written as a draft; what was signed stays as it was signed."""

    model = Agreement

    def check(self, record: Any) -> None:
        """Refuse dates in the wrong order."""
        if record.starts_on is not None and record.ends_on is not None and record.ends_on < record.starts_on:
            message = _l("The last day in force is before the first.")
            raise Invalid(message, {"ends_on": [message]})

    def before_update(self, record: Any) -> None:
        """Refuse changes to what was signed; an addendum or a way back to draft is needed."""
        if record.state == "draft":
            return
        changed = [name for name in SIGNED_CONTENT if _changed(record, name)]
        if changed:
            message = _l("This was signed and cannot be changed.")
            summary = _l("A signed agreement is changed by an addendum; to correct a slip, take it back to draft.")
            raise Conflict(summary, {name: [message] for name in changed}, code="signed")

    def explain(self, constraint: str, record: Any) -> SinergiError | None:  # the kernel's signature
        """Our number is on another agreement already, perhaps an archived one."""
        if constraint == "uq_agreements_agreement_number":
            message = _l("Another agreement has this number, perhaps an archived one.")
            return Conflict(message, {"number": [message]}, code="duplicate")
        return None


def _changed(record: Any, name: str) -> bool:
    attributes = inspect(record).attrs
    names = [key for key in (name, f"{name}_id") if key in attributes]
    return any(attributes[key].history.has_changes() for key in names)
