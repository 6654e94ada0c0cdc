"""what may be taken back, the order of items, where talks meet, stand-ins, minutes finished by hand"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
# Columns are added in SQL: that leaves SQLite's tables, with their triggers, as they are.
COLUMNS = {
    "talks": ("place TEXT", "minutes_at {instant}", "host_seen_at {instant}"),
    "items": (
        "rank INTEGER",
        "note_by BIGINT CONSTRAINT fk_items_note_by REFERENCES members (qq)",
        "moved_by BIGINT CONSTRAINT fk_items_moved_by REFERENCES members (qq)",
        "moved_from TEXT",
    ),
    "turns": (
        "question INTEGER CONSTRAINT fk_turns_question REFERENCES questions (id)"
        " CONSTRAINT ck_turns_one_thing CHECK (item IS NULL OR question IS NULL)",
    ),
}


def upgrade() -> None:
    instant = INSTANT.compile(dialect=op.get_bind().dialect)
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column.format(instant=instant)}")
    op.create_index(op.f("ix_turns_question"), "turns", ["question"])
    _message_parts()
    _stand_ins()
    _final_minutes()
    _changes()


def _message_parts() -> None:
    op.create_table(
        "message_parts",
        sa.Column("group_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("handled_at", INSTANT, nullable=False),
        sa.CheckConstraint("part > 0", name=op.f("ck_message_parts_part_positive")),
        sa.PrimaryKeyConstraint("group_id", "message_id", "part", name=op.f("pk_message_parts")),
    )
    op.create_index("uq_message_parts_seq", "message_parts", ["group_id", "seq", "part"], unique=True)


def _stand_ins() -> None:
    op.create_table(
        "stand_ins",
        sa.Column("talk", sa.Integer(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", INSTANT, nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.BigInteger(), nullable=True),
        sa.Column("agreed_by", sa.BigInteger(), nullable=True),
        sa.Column("agreed_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint("(agreed_at IS NULL) = (agreed_by IS NULL)", name=op.f("ck_stand_ins_agreed_by_somebody")),
        sa.CheckConstraint("agreed_by <> member", name=op.f("ck_stand_ins_agreed_by_another")),
        sa.ForeignKeyConstraint(["talk"], ["talks.number"], name=op.f("fk_stand_ins_talk")),
        sa.ForeignKeyConstraint(["member"], ["members.qq"], name=op.f("fk_stand_ins_member")),
        sa.ForeignKeyConstraint(["agreed_by"], ["members.qq"], name=op.f("fk_stand_ins_agreed_by")),
        sa.PrimaryKeyConstraint("talk", name=op.f("pk_stand_ins")),
    )


def _final_minutes() -> None:
    op.create_table(
        "final_minutes",
        sa.Column("talk", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.CheckConstraint("body <> ''", name=op.f("ck_final_minutes_body_given")),
        sa.ForeignKeyConstraint(["talk"], ["talks.number"], name=op.f("fk_final_minutes_talk")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["members.qq"], name=op.f("fk_final_minutes_uploaded_by")),
        sa.PrimaryKeyConstraint("talk", name=op.f("pk_final_minutes")),
    )


def _changes() -> None:
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("talk", sa.Integer(), nullable=False),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("done_at", INSTANT, nullable=False),
        sa.Column("images", sa.Text(), nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("ck_changes_undone_by_somebody")),
        sa.ForeignKeyConstraint(["talk"], ["talks.number"], name=op.f("fk_changes_talk")),
        sa.ForeignKeyConstraint(["member"], ["members.qq"], name=op.f("fk_changes_member")),
        sa.ForeignKeyConstraint(["undone_by"], ["members.qq"], name=op.f("fk_changes_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    op.create_index(op.f("ix_changes_done_at"), "changes", ["done_at"])


def downgrade() -> None:
    raise NotImplementedError("older programs do not know what this keeps: restore the file's copy instead")
