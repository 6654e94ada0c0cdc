"""talks that people moved, deliveries that are owed anew, who left, alarms, several processes and accounts"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)

# As 0002 made it, with the new columns: SQLite can only change constraints by building the table anew.
DELIVERIES = sa.Table(
    "deliveries",
    sa.MetaData(),
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("talk", sa.Integer(), nullable=False),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("group_id", sa.BigInteger(), nullable=False),
    sa.Column("due", INSTANT, nullable=False),
    sa.Column("until", INSTANT, nullable=False),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("claimed_at", INSTANT, nullable=True),
    sa.Column("ended_at", INSTANT, nullable=True),
    sa.Column("note", sa.Text(), server_default="", nullable=False),
    sa.Column("occasion", sa.Integer(), server_default="0", nullable=False),
    sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
    sa.Column("next_try_at", INSTANT, nullable=True),
    sa.Column("claimed_by", sa.Text(), nullable=True),
    sa.CheckConstraint(
        "state IN ('planned', 'sending', 'sent', 'failed', 'unknown', 'skipped')", name="ck_deliveries_state_known"
    ),
    sa.CheckConstraint("state IN ('planned', 'skipped') OR claimed_at IS NOT NULL", name="ck_deliveries_claimed_first"),
    sa.CheckConstraint("due < until", name="ck_deliveries_window_open"),
    sa.ForeignKeyConstraint(["talk"], ["talks.number"], name="fk_deliveries_talk"),
    sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    sa.UniqueConstraint("talk", "kind", "group_id", name="uq_deliveries_talk_kind_group_id"),
    sa.Index("ix_deliveries_state_due", "state", "due"),
)


def upgrade() -> None:
    _moved_talks()
    _deliveries()
    _messages()
    _new_tables()


def _moved_talks() -> None:
    instant = INSTANT.compile(op.get_bind().dialect)
    op.execute(
        f"ALTER TABLE talks ADD COLUMN moved_at {instant}"
        " CONSTRAINT ck_talks_moved_from_somewhere CHECK (moved_at IS NULL OR moved_from IS NOT NULL)"
    )
    op.execute(
        "ALTER TABLE talks ADD COLUMN moved_by BIGINT CONSTRAINT fk_talks_moved_by REFERENCES members (qq)"
        " CONSTRAINT ck_talks_moved_at_a_time CHECK (moved_by IS NULL OR moved_at IS NOT NULL)"
    )
    op.execute("UPDATE talks SET moved_at = opened_at WHERE moved_from IS NOT NULL")


def _deliveries() -> None:
    for name in ("occasion", "tries"):
        op.add_column("deliveries", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("deliveries", sa.Column("next_try_at", INSTANT, nullable=True))
    op.add_column("deliveries", sa.Column("claimed_by", sa.Text(), nullable=True))
    op.execute("UPDATE deliveries SET claimed_by = '' WHERE state = 'sending'")
    with op.batch_alter_table("deliveries", copy_from=DELIVERIES) as batch_op:
        batch_op.drop_constraint(op.f("uq_deliveries_talk_kind_group_id"), type_="unique")
        batch_op.create_unique_constraint(
            op.f("uq_deliveries_talk_kind_group_id_occasion"), ["talk", "kind", "group_id", "occasion"]
        )
        batch_op.create_check_constraint(
            op.f("ck_deliveries_claimed_by_somebody"), "state <> 'sending' OR claimed_by IS NOT NULL"
        )
    op.add_column("delivery_parts", sa.Column("digest", sa.Text(), nullable=False, server_default=""))
    op.add_column("delivery_parts", sa.Column("account", sa.BigInteger(), nullable=True))


def _messages() -> None:
    op.add_column("messages", sa.Column("seq", sa.BigInteger(), nullable=True))
    op.add_column("messages", sa.Column("account", sa.BigInteger(), nullable=True))
    op.create_index("uq_messages_seq", "messages", ["group_id", "seq"], unique=True)


def _new_tables() -> None:
    op.create_table(
        "departures",
        sa.Column("talk", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("left_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["talk"], ["talks.number"], name=op.f("fk_departures_talk")),
        sa.ForeignKeyConstraint(["member"], ["members.qq"], name=op.f("fk_departures_member")),
        sa.PrimaryKeyConstraint("talk", "role", "member", name=op.f("pk_departures")),
    )
    op.create_table(
        "alarms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
        sa.UniqueConstraint("key", name=op.f("uq_alarms_key")),
    )
    op.create_table(
        "watches",
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("process", "group_id", name=op.f("pk_watches")),
    )


def downgrade() -> None:
    raise NotImplementedError("older programs do not know what this keeps: restore the file's copy instead")
