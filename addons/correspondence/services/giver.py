"""With which block a disposition is signed: that of whoever gave it, in the capacity of that day."""

from __future__ import annotations

from datetime import date
from typing import Any

from addons.correspondence.models.disposition import Disposition
from addons.organization.services.holder import holders_of
from addons.organization.services.signature import SignatureBlock, block_of, signatory_of


def freeze_giver(disposition: Disposition, user_id: int | None, day: date) -> None:
    """Keep the block with which ``user_id`` gives the disposition on ``day``: who holds the post later changes
    nothing.
    """
    block = _block(disposition, user_id, day)
    if block is None:
        return
    disposition.signatory_lines, disposition.signatory_name = "\n".join(block.lines), block.name
    disposition.signatory_rank, disposition.signatory_nip = block.rank, block.nip


def giver_block(disposition: Disposition) -> dict[str, Any]:
    """The block as it was kept; of older dispositions that of the day, and without holder room for a hand."""
    if disposition.signatory_name:
        return {
            "lines": (disposition.signatory_lines or "").split("\n"),
            "name": disposition.signatory_name,
            "rank": disposition.signatory_rank,
            "nip": disposition.signatory_nip,
        }
    block = _block(disposition, disposition.created_by_id, disposition.disposed_on)
    if block is None:
        return {"lines": [f"{disposition.from_position.title},"], "name": None, "rank": None, "nip": None}
    return {"lines": block.lines, "name": block.name, "rank": block.rank, "nip": block.nip}


def _block(disposition: Disposition, user_id: int | None, day: date) -> SignatureBlock | None:
    position = disposition.from_position
    givers = [holder for holder in holders_of(position.id, day) if holder.user_id == user_id]
    holder = givers[0] if givers else signatory_of(position, day)
    return block_of(holder) if holder is not None else None
