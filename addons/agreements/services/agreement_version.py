"""Rules of the versions of agreements: numbered, explained, and never changed afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from sqlalchemy import func, select

from addons.agreements.models.agreement import Agreement
from addons.agreements.models.agreement_version import AgreementVersion
from addons.agreements.services.agreement_print import agreement_docx, agreement_pdf
from addons.agreements.services.filed_scan import has_filed_scan, is_readable_scan, last_number, unreadable
from addons.procedures.models.task import Task
from app.addon import Attachment, Conflict, Invalid, RecordService, attach, attachments_of, db, has_words, names_of
from app.addon import lazy_gettext as _l


class AgreementVersionService(RecordService):
    """A version is made once, with its files; whoever must correct it makes the next one and says why."""

    model = AgreementVersion

    def before_create(self, record: AgreementVersion, extra: Mapping[str, Any]) -> None:
        """Give the next number; ask for the reason and, of a signed scan, for its file."""
        state = self._locked_state(record)
        if record.kind == "draft" and state != "draft":
            message = _l("The agreement is signed; what follows is a new signed scan with its reason.")
            raise Conflict(message, {"kind": [message]}, code="signed")
        if not has_words(record.reason) and self._count(record, AgreementVersion.kind.in_(("signed", record.kind))):
            message = _l("Say what changed against the version before, and why.")
            raise Invalid(message, {"reason": [message]})
        if record.kind == "signed":
            _require_scan(_chosen(extra), self._filed(record))
        record.number = 1 + last_number(self.session, record.agreement.id)

    def after_create(self, record: AgreementVersion, extra: Mapping[str, Any]) -> None:
        """A draft without a file of its own is what the agreement says now."""
        if not _chosen(extra):
            for printed in (agreement_docx(record.agreement), agreement_pdf(record.agreement)):
                attach(self.session, record, printed.file_name, BytesIO(printed.content))

    def before_update(self, record: AgreementVersion) -> None:
        """What was shown to somebody stays what it was."""
        if self.session.is_modified(record):
            raise _fixed()

    def check_files(self, record: AgreementVersion, removed: Attachment | None = None) -> None:
        """A version takes its files when it is made, and neither more nor fewer later."""
        if removed is not None or attachments_of(self.session, record):
            raise _fixed()

    def archive(self, record: AgreementVersion) -> None:
        """A draft made by mistake may be put away; a signed scan may not, nor the draft that superseded one."""
        earlier_scan = (AgreementVersion.kind == "signed") & (AgreementVersion.number < record.number)
        if record.kind == "signed" or self._count(record, earlier_scan):
            raise _fixed()
        super().archive(record)

    def _locked_state(self, record: AgreementVersion) -> str | None:
        # The lock makes versions count up, and a signing wait for the version that is being added.
        statement = select(Agreement.state).where(Agreement.id == record.agreement.id)
        return self.session.scalar(statement.with_for_update())

    def _filed(self, record: AgreementVersion) -> dict[str, int]:
        """The checksums of the scans that were filed before, with the versions that brought them."""
        belongs = (Attachment.model == AgreementVersion.__model_key__) & (Attachment.record_id == AgreementVersion.id)
        statement = select(Attachment.sha256, AgreementVersion.number).join(AgreementVersion, belongs)
        statement = statement.where(AgreementVersion.agreement_id == record.agreement.id)
        rows = self.session.execute(statement.where(AgreementVersion.kind == "signed"))
        return {row.sha256: row.number for row in rows}

    def _count(self, record: AgreementVersion, condition: Any) -> int:
        statement = select(func.count(AgreementVersion.id)).where(condition, AgreementVersion.active)
        return self.session.scalar(statement.where(AgreementVersion.agreement_id == record.agreement.id)) or 0


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version as its agreement's page shows it; ``is_current`` is false for what a later one replaced."""

    version: AgreementVersion
    person: str
    files: Sequence[Attachment]
    is_current: bool


def versions_of(agreement: Agreement) -> list[VersionLine]:
    """The versions of ``agreement``, newest first, with their files and who made them."""
    versions = list(agreement.versions)
    statement = select(Attachment).where(
        Attachment.model == AgreementVersion.__model_key__,
        Attachment.record_id.in_([version.id for version in versions]),
        Attachment.active,
    )
    files = list(db.session().scalars(statement.order_by(Attachment.id))) if versions else []
    people = names_of({version.created_by_id for version in versions})
    newest = {kind: max(v.number for v in versions if v.kind == kind) for kind in {v.kind for v in versions}}
    if agreement.state == "draft" and not has_filed_scan(db.session(), agreement.id, agreement.reopened_after):
        newest.pop("signed", None)
    return [
        VersionLine(
            version,
            people.get(version.created_by_id or 0, ""),
            [file for file in files if file.record_id == version.id],
            version.number == newest.get(version.kind),
        )
        for version in versions
    ]


def return_remark(agreement: Agreement) -> str | None:
    """Why the case last came back to the drafts (SOP Kendal, steps 6 and 7), if no version has answered it yet."""
    if agreement.case_id is None:
        return None
    since = max((version.created_at for version in agreement.versions), default=None)
    statement = select(Task).where(Task.case_id == agreement.case_id, Task.state == "done", Task.remark.is_not(None))
    if since is not None:
        statement = statement.where(Task.done_at > since)
    returned = db.session().scalars(statement.order_by(Task.done_at.desc(), Task.id.desc()).limit(5))
    return next((task.remark for task in returned if _goes_back(task)), None)


def _goes_back(task: Task) -> bool:
    return any(branch.key == task.branch_key and branch.needs_remark for branch in task.step.branches)


def _chosen(extra: Mapping[str, Any]) -> list[Any]:
    return [file for file in extra.get("files", ()) if file.filename]


def _require_scan(files: list[Any], filed: Mapping[str, int]) -> None:
    if not files:
        message = _l("Choose the file with the signed scan.")
        raise Invalid(message, {"files": [message]})
    for file in files:
        content = file.stream.read()
        file.stream.seek(0)
        if not is_readable_scan(content):
            raise Invalid(unreadable(file.filename), {"files": [unreadable(file.filename)]})
        if version := filed.get(hashlib.sha256(content).hexdigest()):
            words = {"name": file.filename, "number": version}
            message = _l(
                "%(name)s is the very scan that was filed as version %(number)d. Scan the paper anew.", **words
            )
            raise Invalid(message, {"files": [message]})


def _fixed() -> Conflict:
    message = _l("A version stays as it is. To correct it, add a new version and say why.")
    return Conflict(message, code="version_fixed")
