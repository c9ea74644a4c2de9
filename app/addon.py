"""The one module that addons import: everything an addon may use of the kernel."""

from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, relationship

from app import clock
from app.access.access import access_of, current_access, require
from app.access.administration import refuse_unheld_role
from app.access.column_rights import require_seen, seen
from app.access.grants import RoleGrant, member_provider, role_provider, title_provider
from app.access.scopes import scope
from app.cli.operator import operating
from app.database.base import Archivable, Audited, InstitutionOwned, Model, Record, Versioned, models
from app.database.columns import Links, check, column, index, no_overlap, reference, unique, unique_active
from app.database.scope import Scope, across_institutions, as_system, current_scope
from app.database.session import db
from app.database.text import is_storable
from app.errors import AddonError, BadRequest, Conflict, Forbidden, Invalid, NotFound, SinergiError
from app.i18n import gettext, lazy_gettext, ngettext
from app.i18n.formats import (
    format_date,
    format_day,
    format_duration,
    format_moment,
    format_nip,
    format_number,
    format_times,
    local,
    today_here,
)
from app.i18n.typed import read_day
from app.jobs.declared import Retry, job
from app.jobs.own_jobs import page_of
from app.jobs.prepared_file import offer_file
from app.jobs.progress import report_progress
from app.jobs.queue import defer
from app.jobs.result_page import offer_page
from app.mail.outbox import send_mail
from app.notifications.notifications import notify
from app.prints.book import Book, BookRow
from app.prints.docx import check_docx, render_docx
from app.prints.pdf import render_pdf
from app.prints.printed import XLSX, Print, Printed, official_language, plain_text
from app.prints.table import render_csv
from app.prints.xlsx import SheetColumn, render_xlsx
from app.records.actions import record_action
from app.records.attachment import Attachment, attach, attachments_of, is_unchanged
from app.records.audit_entry import changed_since
from app.records.data_files import data_loader, external_names, record_by_external_id
from app.records.free_text import has_words, read_text
from app.records.registers import declare_register
from app.records.sequence import next_number, number_fields
from app.records.service import RecordService, service_of
from app.records.transitions import Transition
from app.registry.enablement import enabled_addons
from app.registry.extensions import extends
from app.registry.hooks import declare_hook, on, send
from app.registry.institution import Institution
from app.registry.needs import addon_need, brought_ids
from app.registry.roles import role_choices
from app.settings.declared import declare_setting
from app.settings.values import setting
from app.thread.activities import OwnActivity, finish_my_activity, my_activities
from app.thread.event import ThreadEvent
from app.views.book_page import BookFilter, BookPage
from app.views.cards import card_chart, card_lines, dashboard_card
from app.views.file_events import file_events
from app.views.history import changes_of, names_of
from app.views.menu import MenuLink, add_menu_link
from app.views.model_view import ModelView, Related, attach_files, view_of
from app.views.modes import Board, Calendar, Graph, Pivot
from app.views.operations import after, extend_view, filter_by, remove, search_by
from app.views.page_view import PageView, route
from app.views.panels import Panel, record_panel
from app.views.screen import Lines, When
from app.views.slots import declare_slot, fill_slot

__all__ = [
    "XLSX",
    "AddonError",
    "Archivable",
    "Attachment",
    "Audited",
    "BadRequest",
    "Board",
    "Book",
    "BookFilter",
    "BookPage",
    "BookRow",
    "Calendar",
    "Conflict",
    "Forbidden",
    "Graph",
    "Institution",
    "InstitutionOwned",
    "Invalid",
    "Lines",
    "Links",
    "Mapped",
    "MenuLink",
    "Model",
    "ModelView",
    "NotFound",
    "OwnActivity",
    "PageView",
    "Panel",
    "Pivot",
    "Print",
    "Printed",
    "Record",
    "RecordService",
    "Related",
    "Retry",
    "RoleGrant",
    "Scope",
    "SheetColumn",
    "SinergiError",
    "String",
    "Text",
    "ThreadEvent",
    "Transition",
    "Versioned",
    "When",
    "access_of",
    "across_institutions",
    "add_menu_link",
    "addon_need",
    "after",
    "as_system",
    "attach",
    "attach_files",
    "attachments_of",
    "brought_ids",
    "card_chart",
    "card_lines",
    "changed_since",
    "changes_of",
    "check",
    "check_docx",
    "clock",
    "column",
    "current_access",
    "current_scope",
    "dashboard_card",
    "data_loader",
    "db",
    "declare_hook",
    "declare_register",
    "declare_setting",
    "declare_slot",
    "defer",
    "enabled_addons",
    "extend_view",
    "extends",
    "external_names",
    "file_events",
    "fill_slot",
    "filter_by",
    "finish_my_activity",
    "format_date",
    "format_day",
    "format_duration",
    "format_moment",
    "format_nip",
    "format_number",
    "format_times",
    "gettext",
    "has_words",
    "index",
    "is_storable",
    "is_unchanged",
    "job",
    "lazy_gettext",
    "local",
    "member_provider",
    "models",
    "my_activities",
    "names_of",
    "next_number",
    "ngettext",
    "no_overlap",
    "notify",
    "number_fields",
    "offer_file",
    "offer_page",
    "official_language",
    "on",
    "operating",
    "page_of",
    "plain_text",
    "read_day",
    "read_text",
    "record_action",
    "record_by_external_id",
    "record_panel",
    "reference",
    "refuse_unheld_role",
    "relationship",
    "remove",
    "render_csv",
    "render_docx",
    "render_pdf",
    "render_xlsx",
    "report_progress",
    "require",
    "require_seen",
    "role_choices",
    "role_provider",
    "route",
    "scope",
    "search_by",
    "seen",
    "send",
    "send_mail",
    "service_of",
    "setting",
    "title_provider",
    "today_here",
    "unique",
    "unique_active",
    "view_of",
]
