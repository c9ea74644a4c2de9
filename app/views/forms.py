"""Forms made from declared columns; the API validates with the same forms."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DecimalField,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms import Field as FormField
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    StopValidation,
    ValidationError,
)

from app.access.access import current_access
from app.access.grants import members_of
from app.database.base import Archivable, Model
from app.database.columns import default_of
from app.database.scope import current_scope
from app.database.session import db
from app.database.text import is_storable
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.i18n.catalogues import BaseForm
from app.records.free_text import LONGEST_TEXT, tidy_text
from app.views.fields import Field, as_list, field_of
from app.views.inputs import (
    DayField,
    MomentField,
    MoneyField,
    NipField,
    bare_nip,
    check_nip,
    check_phone,
    check_year,
)

LARGEST_INTEGER = 2**31 - 1
LARGEST_NUMBER = Decimal(10**12)


class RelationField(FormField):
    """A link to one record, looked up in scope; a link that the person may not see stays as it is (a locked choice)."""

    def __init__(self, label: Any = None, validators: Any = None, *, target: Any = None, **options: Any) -> None:
        super().__init__(label, validators, **options)
        self.target = target
        self.stored_id: int | None = None
        self.typed_id: int | None = None
        self.typed_name = ""
        self.changed = False

    def process_data(self, value: Any) -> None:
        """Begin with the linked record of the form's object."""
        self.data = value

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the id; the record itself is looked up by validation. What was not sent at all stays as it is.

        Without scripts the name is typed into a second box.
        """
        if not valuelist:
            return
        self.typed_name = valuelist[1].strip() if len(valuelist) > 1 else ""
        text = str(self._called(self.typed_name)) if self.typed_name else valuelist[0].strip()
        if text and not (text.isascii() and text.isdigit() and len(text) < 10):
            raise ValueError(_("Not a valid choice."))
        self.typed_id = int(text) if text else None
        self.changed = True

    def _called(self, words: str) -> int:
        """The one record that is called so, or fits the words alone."""
        from app.views.choices import choices

        found = choices(self.target, words)
        fitting = [pk for pk, text in found if text.casefold() == words.casefold()] or [pk for pk, _text in found]
        if len(fitting) == 1:
            return fitting[0]
        if not found:
            raise ValueError(_("Nothing here is called so."))
        some = ", ".join(text for _pk, text in found[:5])
        raise ValueError(_("Several fit: %(names)s. Write more of the name.", names=some))

    def pre_validate(self, form: Any) -> None:
        """Look the record up. Raises ValidationError when it does not exist for this person."""
        if not self.changed:
            return
        if self.typed_id is None:
            self.data = None
        elif self.typed_id != self.stored_id:
            self.data = find_choice(self.target, self.typed_id)
            if self.data is None:
                raise ValidationError(_("Not a valid choice."))

    @property
    def is_locked(self) -> bool:
        """Whether the stored link points to a record this person does not see."""
        return self.stored_id is not None and self.data is None and not self.changed

    @property
    def selected(self) -> tuple[int, str] | None:
        """The choice to show: id and text."""
        if self.is_locked:
            return self.stored_id or 0, _("(not visible to you)")
        return (self.data.id, str(self.data)) if self.data is not None else None

    def result(self) -> Any:
        """What to set on the record: the linked record, or None."""
        return self.data


class RelationsField(FormField):
    """Links to several records, each looked up in scope. What was not sent at all stays as it is."""

    def __init__(self, label: Any = None, validators: Any = None, *, target: Any = None, **options: Any) -> None:
        super().__init__(label, validators, **options)
        self.target = target
        self.typed_ids: list[int] | None = None

    def process_data(self, value: Any) -> None:
        """Begin with the linked records of the form's object."""
        self.data = list(value or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the ids."""
        if not valuelist:
            return
        texts = [text.strip() for text in valuelist if text.strip()]
        if not all(text.isascii() and text.isdigit() and len(text) < 10 for text in texts) or len(texts) > 100:
            raise ValueError(_("Not a valid choice."))
        self.typed_ids = [int(text) for text in dict.fromkeys(texts)]

    def pre_validate(self, form: Any) -> None:
        """Look the records up. Raises ValidationError when one does not exist for this person."""
        if self.typed_ids is None:
            return
        linked = {item.id: item for item in self.data or ()}
        found = [linked.get(item) or find_choice(self.target, item) for item in self.typed_ids]
        self.data = [item for item in found if item is not None]
        if len(self.data) != len(self.typed_ids):
            raise ValidationError(_("Not a valid choice."))

    @property
    def selected(self) -> list[tuple[int, str]]:
        """The choices to show: id and text."""
        return [(item.id, str(item)) for item in self.data or ()]


class TickField(SelectMultipleField):
    """Several of the choices, ticked in a list."""

    def process_data(self, value: Any) -> None:
        """Begin with what is stored."""
        self.data = as_list(value)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the order of the list; the empty value only tells that the list was sent."""
        if not valuelist:
            return
        known = [str(choice.value) for choice in self.choices or ()]
        sent = [text for text in valuelist if text]
        self.data = sorted(dict.fromkeys(sent), key=lambda text: known.index(text) if text in known else len(known))


def find_choice(target: Any, record_id: int) -> Any:
    """The record that a link may point to: readable here, not archived; None otherwise."""
    session = db.session()
    if target is User:
        return session.scalar(people().where(User.id == record_id))
    if not current_access().may(target, "read"):
        return None
    statement = select(target).where(target.id == record_id)
    if issubclass(target, Archivable):
        statement = statement.where(target.active)
    return session.scalar(statement)


def people() -> Any:
    """A statement over the people of the active institution."""
    session = db.session()
    scope = current_scope(session)
    members = members_of(session, scope.institution_id) if scope else frozenset()
    return select(User).where(User.id.in_(members), User.active).order_by(User.first_name, User.last_name)


def form_field(field: Field) -> Any:
    """The form field that edits ``field``."""
    presence = InputRequired() if field.required else Optional()
    options = {"description": field.help or "", "default": partial(initial_value, field)}
    match field.kind:
        case "relation":
            return RelationField(field.label, [_RelationPresence(field.required)], target=field.target, **options)
        case "relations":
            return RelationsField(field.label, [], target=field.target, **options)
        case "choices":
            ticked = [_Ticked()] if field.required else []
            return TickField(
                field.label, ticked, choices=[SelectChoice(*item) for item in (field.choices or {}).items()], **options
            )
        case "choice":
            # Asked anew for every form: which roles there are, for instance, depends on the institution.
            return SelectField(field.label, [presence], choices=partial(_choices, field), coerce=_choice, **options)
        case "boolean":
            return BooleanField(field.label, false_values=("", "0", "false", "False", "n"), **options)
        case "integer":
            return IntegerField(field.label, [presence, NumberRange(-LARGEST_INTEGER, LARGEST_INTEGER)], **options)
        case "number":
            kind = MoneyField if field.widget == "money" else DecimalField
            limits = NumberRange(-LARGEST_NUMBER, LARGEST_NUMBER)
            return kind(field.label, [presence, limits], places=None, **options)
        case "date" | "time" | "moment":
            kind = {"date": DayField, "time": TimeField, "moment": MomentField}[field.kind]
            return kind(field.label, [presence, check_year], **options)
    return _text_field(field, options)


def _text_field(field: Field, options: dict[str, Any]) -> Any:
    presence = DataRequired() if field.required else Optional()
    checks = [presence, Length(max=field.max_length or LONGEST_TEXT), _clean_text]
    if field.widget == "nip":
        return NipField(field.label, [*checks, check_nip], filters=[_stripped, bare_nip], **options)
    if field.widget == "phone":
        checks.append(check_phone)
    text = TextAreaField if field.multiline else StringField
    return text(field.label, checks, filters=[_stripped], **options)


def initial_value(field: Field) -> Any:
    """What a new record begins with: the column's own default, so that the form shows what would be stored."""
    return None if field.kind in {"relation", "relations"} else default_of(_mapped_column(field))


def _mapped_column(field: Field) -> Any:
    attribute = getattr(field.column, "property", None)
    return attribute.columns[0] if attribute is not None else field.column


class _RelationPresence:
    """Required links need a choice; a locked one counts."""

    def __init__(self, required: bool) -> None:
        self.field_flags = {"required": True} if required else {}
        self.required = required

    def __call__(self, form: Any, field: Any) -> None:
        given = field.typed_id if field.changed else field.stored_id
        if self.required and given is None and field.data is None:
            raise ValidationError(field.gettext("This field is required."))


class _Ticked:
    """At least one box must be ticked."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        if not field.data:
            raise StopValidation(field.gettext("This field is required."))


def _choices(field: Field) -> list[tuple[str, Any]]:
    empty = [] if field.required else [("", "")]
    return [*empty, *(field.choices or {}).items()]


def _choice(value: Any) -> Any:
    return None if value in (None, "") else str(value)


def _stripped(value: Any) -> Any:
    return tidy_text(value) if isinstance(value, str) else value


def _clean_text(_form: Any, field: Any) -> None:
    if field.data and not is_storable(field.data):
        raise ValidationError(_("The text contains a character that cannot be stored."))


def make_form(fields: list[Field]) -> type[BaseForm]:
    """A form class with one form field per field, in order."""
    return type("RecordForm", (BaseForm,), {field.name: form_field(field) for field in fields})


@lru_cache(maxsize=500)
def form_class(model: type[Model], columns: tuple[str, ...]) -> Any:
    """The form over ``columns`` of ``model``."""
    return make_form([field_of(model, name) for name in columns])


def bind(form_type: type[BaseForm], fields: list[Field], record: Any, data: Any, prefix: str = "") -> Any:
    """The form over ``record`` (or None), filled from ``data`` (posted text) when given; ``prefix`` tells the forms of
    several records on one page apart.
    """
    form = form_type(data, obj=record, prefix=prefix)
    for field in fields:
        if field.kind == "relation" and record is not None:
            form[field.name].stored_id = field.key_of(record)
    return form


def values_of(form: Any, fields: list[Field], only: set[str] | None = None) -> dict[str, Any]:
    """What the valid ``form`` sets: attribute → value. A locked link that was not touched is left out."""
    values = {}
    for field in fields:
        if only is not None and field.name not in only:
            continue
        control = form[field.name]
        if field.kind == "relation" and (
            control.is_locked or (control.typed_id == control.stored_id and control.data is None)
        ):
            continue
        values[field.name] = False if field.kind == "boolean" and control.data is None else control.data
    return _without_unset_defaults(values, fields)


def _without_unset_defaults(values: dict[str, Any], fields: list[Field]) -> dict[str, Any]:
    # An empty optional box over a NOT NULL column with a default means the default.
    for field in fields:
        mapped = _mapped_column(field)
        if field.name in values and values[field.name] is None and mapped is not None and not mapped.nullable:
            del values[field.name]
    return values


def posted(data: Mapping[str, Any], fields: list[Field]) -> tuple[MultiDict[str, str], dict[str, list[Any]]]:
    """A JSON object as a form would have sent it, and what is of the wrong JSON type."""
    known = {field.name: field for field in fields}
    sent: MultiDict[str, str] = MultiDict()
    errors: dict[str, list[Any]] = {}
    for name, value in data.items():
        if name not in known:
            errors[name] = [_l("Unknown field.")]
        elif not _json_fits(known[name].kind, value):
            errors[name] = [_l("Not of the right type.")]
        elif isinstance(value, list):
            sent.setlist(name, [str(item["id"] if isinstance(item, dict) else item) for item in value] or [""])
        elif value is not None and value is not False:
            sent[name] = str(value["id"]) if isinstance(value, dict) else str(value)
        else:
            sent[name] = ""
    return sent, errors


def _json_fits(kind: str, value: Any) -> bool:
    if value is None:
        return True
    match kind:
        case "relations":
            return isinstance(value, list) and all(item is not None and _json_fits("relation", item) for item in value)
        case "choices":
            return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "relation":
            inner = value.get("id") if isinstance(value, dict) else value
            return isinstance(inner, int) and not isinstance(inner, bool)
        case "number":
            return isinstance(value, (int, float, str)) and not isinstance(value, bool)
    return isinstance(value, str)
