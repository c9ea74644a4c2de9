"""Two editions of a small third-party addon, written into a folder of addons as a deployment would."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

MODEL = """
    from sqlalchemy import String
    from sqlalchemy.orm import Mapped

    from app.addon import Record, column, reference, unique_active


    class Shelf(Record):
        __title__, __plural__, __display__ = "Shelf", "Shelves", "label"
        __constraints__ = (unique_active("label"),)
        label: Mapped[str] = column(String(40), label="Label")
        above_id: Mapped[int | None] = reference("shelf_shelf.id", label="Above")
"""
FILES = {
    "__init__.py": "",
    "models/shelf.py": MODEL,
    "extensions/partners.py": """
        from sqlalchemy import String
        from sqlalchemy.orm import Mapped

        from app.addon import column, extends


        @extends("partners.Partner")
        class PartnerShelf:
            shelf_label: Mapped[str | None] = column(String(40), label="Shelf")
    """,
    "views/shelf.py": """
        from addons.shelf.models.shelf import Shelf

        from app.addon import ModelView, after, extend_view

        extend_view("partners.Partner", after("name", "shelf_label"))


        class ShelfView(ModelView):
            model, resource = Shelf, "shelf"
            list_columns = form_columns = search_columns = order_columns = ("label",)
            default_order = "label"
    """,
    "security/roles.csv": "id,title\nkeeper,Shelf keeper\n",
    "security/access.csv": "id,role,model,operations,scope\n"
    "administrator,kernel.administrator,shelf.Shelf,read create write archive,\n",
    "data/shelves.yaml": "- model: shelf.Shelf\n  id: first\n  values: {label: First shelf}\n",
    "migrations/0001_shelves.py": """
        import sqlalchemy as sa
        from alembic import op

        revision, down_revision, branch_labels, depends_on = "shelf_0001", None, ("shelf",), "partners"


        def upgrade() -> None:
            moment = {"server_default": sa.text("now()"), "nullable": False}
            op.create_table(
                "shelf_shelf",
                sa.Column("id", sa.Integer(), primary_key=True),
                sa.Column("institution_id", sa.Integer(), sa.ForeignKey("institution.id"), nullable=False, index=True),
                sa.Column("label", sa.String(40), nullable=False),
                sa.Column("above_id", sa.Integer(), sa.ForeignKey("shelf_shelf.id"), index=True),
                sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
                sa.Column("version", sa.Integer(), server_default="1", nullable=False),
                sa.Column("created_at", sa.DateTime(timezone=True), **moment),
                sa.Column("created_by_id", sa.Integer(), sa.ForeignKey("ab_user.id"), index=True),
                sa.Column("changed_at", sa.DateTime(timezone=True), **moment),
                sa.Column("changed_by_id", sa.Integer(), sa.ForeignKey("ab_user.id"), index=True),
            )
            op.add_column("partners_partner", sa.Column("shelf_label", sa.String(40)))


        def downgrade() -> None:
            op.drop_column("partners_partner", "shelf_label")
            op.drop_table("shelf_shelf")
    """,
}
SECOND = {
    "models/shelf.py": MODEL + '        boards: Mapped[int] = column(label="Boards", default=1, server_default="1")\n',
    "migrations/0002_boards.py": """
        import sqlalchemy as sa
        from alembic import op

        revision, down_revision, branch_labels, depends_on = "shelf_0002", "shelf_0001", None, None


        def upgrade() -> None:
            op.add_column("shelf_shelf", sa.Column("boards", sa.Integer(), server_default="1", nullable=False))


        def downgrade() -> None:
            op.drop_column("shelf_shelf", "boards")
    """,
}


def write_edition(parent: Path, version: str = "1.0.0", changed: Mapping[str, str] | None = None) -> Path:
    """Put edition ``version`` of the addon into ``parent``; ``changed`` replaces files."""
    folder = parent / "shelf"
    shutil.rmtree(folder, ignore_errors=True)
    manifest = f'{{"title": "Shelves", "version": "{version}", "depends": ["partners"],\n'
    files = FILES | (SECOND if version > "1.0" and version != "1.0.0" else {})
    files |= {"__manifest__.py": manifest + '"institution_data": ["data/shelves.yaml"]}'}
    files |= changed or {}
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text) if path.count("/") else text)
        if target.suffix == ".py" and target.parent != folder:
            (target.parent / "__init__.py").touch()
    return folder
