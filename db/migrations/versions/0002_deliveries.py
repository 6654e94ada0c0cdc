"""deliveries"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("talk", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'sending', 'sent', 'failed', 'unknown', 'skipped')",
            name=op.f("ck_deliveries_state_known"),
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'skipped') OR claimed_at IS NOT NULL", name=op.f("ck_deliveries_claimed_first")
        ),
        sa.CheckConstraint("due < until", name=op.f("ck_deliveries_window_open")),
        sa.ForeignKeyConstraint(["talk"], ["talks.number"], name=op.f("fk_deliveries_talk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("talk", "kind", "group_id", name=op.f("uq_deliveries_talk_kind_group_id")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index("ix_deliveries_state_due", ["state", "due"], unique=False)

    op.create_table(
        "delivery_parts",
        sa.Column("delivery", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'sending', 'sent', 'failed', 'unknown', 'skipped')",
            name=op.f("ck_delivery_parts_state_known"),
        ),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.id"], name=op.f("fk_delivery_parts_delivery")),
        sa.PrimaryKeyConstraint("delivery", "position", name=op.f("pk_delivery_parts")),
    )


def downgrade() -> None:
    op.drop_table("delivery_parts")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_deliveries_state_due")

    op.drop_table("deliveries")
