"""Records as cards in a column for each state; dragging a card takes the transition that leads there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_appbuilder import expose
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.database.session import db
from app.records.transitions import Transition
from app.views.fields import Field, field_of
from app.views.list_page import ListPages, ListTools

CARDS = 20
"""Cards of one state; the list has the others."""


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """A state with its newest cards and how many there are."""

    state: str
    label: Any
    count: int
    records: list[Any]


class BoardPage(ListPages):
    """The board of a view that declares `Board`."""

    @expose("/board")
    def board(self) -> str:
        """The states side by side, narrowed as the list is."""
        self._enter("read")
        mode, tools = self.mode("board"), ListTools(self, "board", request.args)
        fields = [field_of(self.model, name) for name in mode.columns if name in self._shown_on_cards(mode.columns)]
        columns = self._board_columns(request.args, fields)
        can_move = any(self.card_moves(card) for column in columns for card in column.records)
        shown = {"fields": fields, "columns": columns, "can_move": can_move}
        return str(self.render_template("board.html", view=self, tools=tools, wish=None, **shown))

    def _shown_on_cards(self, names: tuple[str, ...]) -> set[str]:
        """Those of ``names`` that the person may see at all; personal ones are masked as in the list."""
        return {field.name for field in self.possible_fields()} & set(names)

    def _board_columns(self, arguments: Mapping[str, str], fields: list[Field]) -> list[BoardColumn]:
        narrowed = self.narrowed(arguments)
        counts, cards = self._counts(narrowed), self._cards(narrowed, fields)
        return [
            BoardColumn(state, label, counts.get(state, 0), [card for card in cards if card.state == state])
            for state, label in self.states().items()
        ]

    def _counts(self, narrowed: Select[Any]) -> dict[str, int]:
        model: Any = self.model
        chosen = narrowed.order_by(None).subquery()
        statement = select(model.state, func.count()).join(chosen, chosen.c.id == model.id).group_by(model.state)
        return {row[0]: row[1] for row in db.session().execute(statement)}

    def _cards(self, narrowed: Select[Any], fields: list[Field]) -> list[Any]:
        """The newest cards of every state, in one statement."""
        model: Any = self.model
        chosen = narrowed.order_by(None).subquery()
        place = func.row_number().over(partition_by=model.state, order_by=model.id.desc()).label("place")
        ranked = select(model.id, place).join(chosen, chosen.c.id == model.id).subquery()
        options = [joinedload(getattr(model, name)) for name in self.relations(fields)]
        statement = (
            select(model)
            .join(ranked, ranked.c.id == model.id)
            .where(ranked.c.place <= CARDS)
            .order_by(model.id.desc())
            .options(*options)
        )
        return list(db.session().scalars(statement))

    def card_moves(self, record: Any) -> list[Transition]:
        """Where a card can be moved by the present person."""
        return self.transitions(record) if self.moves_by_itself else []
