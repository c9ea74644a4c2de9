
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
