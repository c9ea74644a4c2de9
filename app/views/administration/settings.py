"""What addons let an institution decide for itself: one generated form per addon."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import flash, jsonify, redirect, request
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.database.base import models
from app.database.session import db
from app.errors import Conflict, Invalid, NotFound, SinergiError
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.i18n.formats import format_duration
from app.records.audit_entry import AuditEntry, history_of
from app.registry.addon_enablement import AddonEnablement
from app.registry.enablement import registry
from app.settings.administration import Held, addons_with_settings, bounds, change_settings, held, row_of
from app.settings.declared import Setting, settings_of
from app.views.choices import choices
from app.views.fields import Field
from app.views.forms import bind, find_choice, make_form, values_of
from app.views.history import HistoryLine, names_of
from app.views.menu import MenuLink, add_menu_link
from app.views.page_view import PageView, route

add_menu_link(
    MenuLink(
        _l("Addon settings"), "kernel_settings_page.index", "adjustments", sequence=92, model="kernel.AddonEnablement"
    )
)

FIELD_KINDS = {"duration": "integer", "record": "relation"}


class SettingsPage(PageView):
    """``/kernel/settings``."""

    path = "settings"

    @route("/")
    def index(self) -> str:
        """The enabled addons that leave something to the institution."""
        self.enter(AddonEnablement)
        names = addons_with_settings(db.session())
        titles = {name: (_(registry().manifests[name].title), held(db.session(), name)) for name in names}
        return self.render("administration/settings.html", addons=titles)

    @route("/<addon>")
    def form(self, addon: str) -> str:
        """The form of one addon."""
        self.enter(AddonEnablement)
        return self._page(addon, self._form(addon))

    @route("/<addon>", methods=["POST"])
    def change(self, addon: str) -> Any:
        """Save; a button named ``default`` sends one setting back to its default along with it."""
        self.enter(AddonEnablement, "write")
        form, dropped = self._form(addon, request.form), request.form.getlist("default")
        for name in dropped:
            if name not in form:
                raise NotFound(_l("There is no setting %(name)s.", name=name[:60]))
            del form[name]
        if not form.validate():
            return self._page(addon, self._with_defaults(addon, form, dropped)), 422
        fields = [field for field in fields_of(addon) if field.name in form]
        try:
            typed = {name: _value(addon, name, value) for name, value in values_of(form, fields).items()}
            changed = change_settings(db.session(), addon, typed, to_default=dropped, seen=_seen())
        except (Conflict, Invalid) as refusal:
            return self._refused(addon, self._with_defaults(addon, form, dropped), refusal)
        flash(_l("Saved.") if changed else _l("Nothing was changed."), "success")
        return redirect(f"/kernel/settings/{addon}")

    @route("/<addon>/restore", methods=["POST"])
    def restore(self, addon: str) -> Response:
        """Everything back to its default."""
        self.enter(AddonEnablement, "write")
        everything = [item.setting.key for item in held(db.session(), addon)]
        change_settings(db.session(), addon, {}, to_default=everything)
        flash(_l("The addon has its default settings again."), "success")
        return redirect(f"/kernel/settings/{addon}")

    @route("/<addon>/choices/<key>")
    def choices(self, addon: str, key: str) -> Response:
        """What a setting may point to, for a select that searches while typing."""
        self.enter(AddonEnablement)
        for item in held(db.session(), addon):
            if item.setting.key == key and item.setting.kind == "record":
                found = choices(models[item.setting.target], request.args.get("q", "")[:100])
                return jsonify([{"value": str(pk), "text": text} for pk, text in found])
        raise NotFound(_l("This page does not exist."))

    def _form(self, addon: str, data: Any = None) -> Any:
        """The form over what holds here, filled from posted ``data``."""
        shown = {item.setting.key: _in_form(item) for item in held(db.session(), addon)}
        fields = fields_of(addon)
        form = bind(make_form(fields), fields, None, data)
        for control in form:
            if data is None:
                control.process(None, shown[control.name])
            elif hasattr(control, "stored_id") and shown[control.name] is not None:
                control.stored_id = shown[control.name].id
        return form

    def _with_defaults(self, addon: str, form: Any, dropped: list[str]) -> Any:
        """``form`` again with the fields that were taken out of it, at their defaults."""
        if not dropped:
            return form
        whole = self._form(addon, request.form)
        whole.validate()
        for name in dropped:
            whole[name].process(None, _in_form(Held(_setting(addon, name), None, is_changed=False)))
            whole[name].errors = []
        return whole

    def _refused(self, addon: str, form: Any, refusal: SinergiError) -> tuple[str, int]:
        db.session.rollback()
        for name, texts in refusal.errors.items():
            if name in form:
                form[name].errors = [*form[name].errors, *texts]
        return self._page(addon, form, refusal=refusal.message), refusal.status

    def _page(self, addon: str, form: Any, **values: Any) -> str:
        row = row_of(db.session(), addon)
        return self.render(
            "administration/addon_settings.html",
            addon=addon,
            title=_(registry().manifests[addon].title),
            form=form,
            fields=fields_of(addon),
            defaults={item.setting.key: text_of(item.setting, item.setting.default) for item in _changed(addon)},
            seen=row.changed_at.isoformat(),
            manages=current_access().may(AddonEnablement, "write"),
            history=_history(addon, row) if current_access().may(AuditEntry, "read") else [],
            **values,
        )


def fields_of(addon: str) -> list[Field]:
    """The settings of ``addon`` as fields of a form."""
    return [_field(item) for item in settings_of(addon)]


def _field(item: Setting) -> Field:
    told = [str(text) for text in (item.help, bounds(item)) if text]
    return Field(
        name=item.key,
        label=_("%(label)s (minutes)", label=item.label) if item.kind == "duration" else item.label,
        kind=FIELD_KINDS.get(item.kind, item.kind),
        required=item.is_required,
        help=" ".join(told),
        choices=item.choices,
        multiline=item.multiline,
        max_length=2000 if item.kind == "text" else None,
        target=models[item.target] if item.target else None,
    )


def _setting(addon: str, key: str) -> Setting:
    return next(item for item in settings_of(addon) if item.key == key)


def _in_form(item: Held) -> Any:
    """The value as the form's field begins with it."""
    value = item.value if item.is_changed else item.setting.default
    if item.setting.kind == "record":
        return find_choice(models[item.setting.target], value) if value else None
    return item.setting.stored(value) if isinstance(value, timedelta) else value


def _value(addon: str, key: str, typed: Any) -> Any:
    """What was typed as the value of the setting."""
    item = _setting(addon, key)
    if item.kind == "text":
        return typed or ""
    if typed is None:
        return None
    if item.kind == "duration":
        return timedelta(minutes=typed)
    return typed.id if item.kind == "record" else typed


def text_of(item: Setting, value: Any) -> str:
    """``value`` for people."""
    if value in (None, ""):
        return _("empty")
    if item.kind == "duration":
        return format_duration(value.total_seconds())
    if item.kind == "record":
        return str(find_choice(models[item.target], value) or _("(not visible to you)"))
    return _field(item).text_of(value)


def _changed(addon: str) -> list[Held]:
    return [item for item in held(db.session(), addon) if item.is_changed]


def _seen() -> datetime | None:
    try:
        return datetime.fromisoformat(request.form.get("version", ""))
    except ValueError:
        return None


def _history(addon: str, row: AddonEnablement) -> list[HistoryLine]:
    """Who changed which setting, newest first."""
    entries = [entry for entry in history_of(db.session(), row) if "settings" in (entry.new or {})]
    people = names_of({entry.user_id for entry in entries})
    lines = [
        HistoryLine(entry.at, people.get(entry.user_id or 0, _("System")), "update", _differences(addon, entry))
        for entry in entries
    ]
    return [line for line in lines if line.changes]


def _differences(addon: str, entry: AuditEntry) -> list[tuple[str, str, str]]:
    kept = [(values or {}).get("settings") for values in (entry.old, entry.new)]
    before, after = (item if isinstance(item, dict) else {} for item in kept)
    return [
        (str(item.label), _told(item, before), _told(item, after))
        for item in settings_of(addon)
        if before.get(item.key) != after.get(item.key)
    ]


def _told(item: Setting, stored: dict[str, Any]) -> str:
    if item.key not in stored:
        return _("%(value)s (default)", value=text_of(item, item.default))
    try:
        return text_of(item, item.read(stored[item.key]))
    except ValueError:
        return str(stored[item.key])
