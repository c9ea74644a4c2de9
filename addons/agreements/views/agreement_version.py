"""Screens of the versions of agreements, and the panels that show them with their checksums."""

from typing import Any

from addons.agreements.models.agreement import Agreement
from addons.agreements.models.agreement_version import KINDS, AgreementVersion
from addons.agreements.services.agreement_version import return_remark, versions_of
from app.addon import ModelView, attachments_of, db, is_unchanged, record_panel, view_of
from app.addon import lazy_gettext as _l


class AgreementVersionView(ModelView):
    """Versions are added and read; they never change."""

    model = AgreementVersion
    resource = "agreement_version"
    icon = "files"
    sequence = 25
    list_columns = ("title", "agreement", "kind", "reason", "created_at")
    form_columns = ("agreement", "kind", "reason")
    show_columns = ("agreement", "number", "kind", "reason", "created_at")
    search_columns = ("reason", "agreement.title")
    filter_columns = ("agreement", "kind", "created_at")
    order_columns = ("number", "created_at")
    default_order = "-number"
    attachments = True
    in_menu = False


@record_panel("agreements.Agreement", "versions", _l("Versions"))
def versions_panel(record: Agreement) -> tuple[str, dict[str, Any]]:
    """The drafts and the signed scan, newest first, with the way to the next one."""
    view = view_of(AgreementVersion)
    may_read, may_add = view is not None and view.may("read"), view is not None and view.may("create")
    return "agreements/versions.html", {
        "view": view,
        "lines": versions_of(record) if may_read else [],
        "kinds": KINDS,
        "may_add": may_add and record.active,
        "reason": return_remark(record) if may_add else None,
    }


@record_panel("agreements.AgreementVersion", "checksums", _l("Integrity of the files"))
def checksums_panel(record: AgreementVersion) -> tuple[str, dict[str, Any]]:
    """Every file of the version, read anew and compared with the checksum it came with."""
    files = [(file, is_unchanged(file)) for file in attachments_of(db.session(), record)]
    return "agreements/checksums.html", {"files": files}
