"""The signature block: a.n., u.b., Plt., Plh. and the NIP in its groups (formats 3.4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from app.database.session import db
from app.errors import Conflict, Invalid

DAY = date(2026, 3, 2)
KADIS, KABID, SUBKOOR, STAF = "kepala_dinas", "kepala_bidang", "sub_koordinator", "staf_pustakawan"


def position(name: str, institution_id: int) -> Any:
    """A position of Kendal."""
    from addons.organization.models.position import Position
    from app.records.data_files import record_by_external_id

    return record_by_external_id(db.session(), Position, f"kendal.position_{name}", institution_id)


BLOCKS = [
    # who signs, for whom, acting kinds today at the signing position, the lines, who
    (KADIS, None, (), ("Kepala Dinas,",), "Kadis Contoh Kendal"),
    (KADIS, KADIS, (), ("Kepala Dinas,",), "Kadis Contoh Kendal"),
    (KABID, KADIS, (), ("a.n. Kepala Dinas", "Kepala Bidang,"), "Kabid Contoh Kendal"),
    (SUBKOOR, KADIS, (), ("a.n. Kepala Dinas", "Kepala Bidang", "u.b.", "Sub Koordinator,"), "Subkoor Contoh Kendal"),
    (KADIS, None, ("acting",), ("Plt. Kepala Dinas,",), "Staf Contoh Kendal"),
    (KADIS, None, ("daily_acting",), ("Plh. Kepala Dinas,",), "Staf Contoh Kendal"),
    (KABID, KADIS, ("daily_acting",), ("a.n. Kepala Dinas", "Plh. Kepala Bidang,"), "Staf Contoh Kendal"),
    (KADIS, None, ("acting", "daily_acting"), ("Plh. Kepala Dinas,",), "Staf Contoh Kendal"),
]


@pytest.mark.parametrize(("signs", "for_whom", "kinds", "lines", "name"), BLOCKS)
def test_the_lines_name_the_posts_and_the_person(
    acting: Callable[..., Any],
    signs: str,
    for_whom: str | None,
    kinds: tuple[str, ...],
    lines: tuple[str, ...],
    name: str,
) -> None:
    from addons.organization.services.signature import signature_block

    with acting("kendal.admin", "kendal") as access:
        signing = position(signs, access.institution_id)
        for kind in kinds:
            appoint(signing, kind)
        above = position(for_whom, access.institution_id) if for_whom else None
        block = signature_block(signing, DAY, above)
        assert (block.lines, block.name) == (lines, name)
        assert block.kind == (kinds[-1] if kinds else "definitive")


@pytest.mark.parametrize(("signs", "for_whom"), [(STAF, KADIS), (KADIS, KABID)])
def test_nobody_signs_for_a_post_that_is_not_one_or_two_steps_above(
    acting: Callable[..., Any], signs: str, for_whom: str
) -> None:
    from addons.organization.services.signature import signature_block

    with acting("kendal.admin", "kendal") as access, pytest.raises(Invalid) as refusal:
        signature_block(position(signs, access.institution_id), DAY, position(for_whom, access.institution_id))
    assert refusal.value.code == "not_the_superior"


def test_an_appointment_that_ended_yesterday_signs_nothing_today(acting: Callable[..., Any]) -> None:
    from addons.organization.services.signature import signature_block

    with acting("kendal.admin", "kendal") as access:
        kadis = position(KADIS, access.institution_id)
        appoint(kadis, "daily_acting", until=DAY)
        assert signature_block(kadis, DAY).kind == "daily_acting", "the last day counts"
        assert signature_block(kadis, DAY + timedelta(days=1)).kind == "definitive"
        with pytest.raises(Conflict) as refusal:
            signature_block(kadis, date(2020, 1, 1))
        assert refusal.value.code == "position_vacant"


def test_name_rank_and_number_are_those_of_the_holder(acting: Callable[..., Any]) -> None:
    from addons.organization.services.signature import signatory_of, signature_block

    with acting("kendal.admin", "kendal") as access:
        kadis = position(KADIS, access.institution_id)
        holder = signatory_of(kadis, DAY)
        holder.name_in_letters, holder.rank = "Dra. Kadis Contoh, M.Hum.", "Pembina Utama Muda"
        holder.civil_servant_number = "999913009999139999"
        block = signature_block(kadis, DAY)
        assert (block.name, block.rank) == ("Dra. Kadis Contoh, M.Hum.", "Pembina Utama Muda")
        assert block.nip == "99991300 999913 9 999"


@pytest.mark.parametrize(
    ("entered", "shown"),
    [
        ("999913009999139999", "99991300 999913 9 999"),
        ("99991300 999913 9 999", "99991300 999913 9 999"),
        ("9999130099991399", "9999130099991399"),
        ("510 000 000", "510 000 000"),
        ("٩٩٩٩١٣٠٠٩٩٩٩١٣٩٩٩٩", "٩٩٩٩١٣٠٠٩٩٩٩١٣٩٩٩٩"),
        ("", None),
        (None, None),
    ],
)
def test_a_nip_stands_in_its_groups(app: Any, entered: str | None, shown: str | None) -> None:
    from addons.organization.services.signature import format_nip

    assert format_nip(entered) == shown


def appoint(post: Any, kind: str, until: date | None = None) -> None:
    """Let Kendal's staff stand in at ``post``."""
    from addons.organization.models.holder import Holder

    user = Holder.user.property.mapper.class_
    staf = db.session.query(user).filter_by(username="kendal.staf").one()
    db.session.add(Holder(position=post, user=staf, kind=kind, date_from=DAY - timedelta(days=3), date_to=until))
    db.session.flush()
