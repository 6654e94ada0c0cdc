"""the evening: when it began and ended, whose turn it was, what went on; questions, answers, quotes"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _talks()
    _evening()
    _questions()
    _remarks()


def _talks() -> None:
    instant = INSTANT.compile(op.get_bind().dialect)
    op.execute(f"ALTER TABLE talks ADD COLUMN started_at {instant}")
    op.execute(
        f"ALTER TABLE talks ADD COLUMN ended_at {instant} CONSTRAINT ck_talks_ended_is_over"
        " CHECK (ended_at IS NULL OR state NOT IN ('collecting', 'live'))"
    )
    op.execute(
        "ALTER TABLE talks ADD COLUMN ended_by BIGINT CONSTRAINT fk_talks_ended_by REFERENCES members (qq)"
        " CONSTRAINT ck_talks_ended_at_a_time CHECK (ended_by IS NULL OR ended_at IS NOT NULL)"
    )
    op.execute("ALTER TABLE talks ADD COLUMN video_offset INTEGER")
    op.execute(
        "ALTER TABLE talks ADD COLUMN last_question INTEGER NOT NULL DEFAULT 0"
        " CONSTRAINT ck_talks_last_question_natural CHECK (last_question >= 0)"
    )


def _evening() -> None:
    op.create_table(
        "turns",
        sa.Column("talk", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("item", sa.Integer(), nullable=True),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("granted", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("(position = 0) = (section IS NULL)", name=op.f("ck_turns_opening_first")),
        sa.CheckConstraint("item IS NULL OR section IS NOT NULL", name=op.f("ck_turns_item_in_section")),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= began_at", name=op.f("ck_turns_ends_after_it_began")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_turns_position_natural")),
        sa.CheckConstraint("granted >= 0", name=op.f("ck_turns_granted_natural")),
        sa.ForeignKeyConstraint(["talk"], ["talks.number"], name=op.f("fk_turns_talk")),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_turns_item")),
        sa.PrimaryKeyConstraint("talk", "position", name=op.f("pk_turns")),
    )
    open_turn = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_turns_one_at_a_time", "turns", ["talk"], unique=True, sqlite_where=open_turn, postgresql_where=open_turn
    )
    op.create_index(op.f("ix_turns_item"), "turns", ["item"])
    op.create_table(
        "carries",
        sa.Column("talk", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("carried_at", INSTANT, nullable=False),
        sa.Column("carried_by", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["talk"], ["talks.number"], name=op.f("fk_carries_talk")),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_carries_item")),
        sa.ForeignKeyConstraint(["carried_by"], ["members.qq"], name=op.f("fk_carries_carried_by")),
        sa.PrimaryKeyConstraint("talk", "number", name=op.f("pk_carries")),
    )
    op.create_index(op.f("ix_carries_item"), "carries", ["item"])


def _questions() -> None:
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asker", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT, nullable=True),
        sa.Column("removed_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(removed_at IS NULL) = (text <> '')", name=op.f("ck_questions_asks_something")),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (removed_by IS NULL)", name=op.f("ck_questions_removed_by_somebody")
        ),
        sa.ForeignKeyConstraint(["asker"], ["members.qq"], name=op.f("fk_questions_asker")),
        sa.ForeignKeyConstraint(["removed_by"], ["members.qq"], name=op.f("fk_questions_removed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
    )
    op.create_table(
        "standings",
        sa.Column("talk", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("question", sa.Integer(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_standings_number_positive")),
        sa.ForeignKeyConstraint(["talk"], ["talks.number"], name=op.f("fk_standings_talk")),
        sa.ForeignKeyConstraint(["question"], ["questions.id"], name=op.f("fk_standings_question")),
        sa.PrimaryKeyConstraint("talk", "number", name=op.f("pk_standings")),
        sa.UniqueConstraint("question", "talk", name=op.f("uq_standings_question_talk")),
    )
    op.create_table(
        "votes",
        sa.Column("question", sa.Integer(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("voted_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["question"], ["questions.id"], name=op.f("fk_votes_question")),
        sa.ForeignKeyConstraint(["member"], ["members.qq"], name=op.f("fk_votes_member")),
        sa.PrimaryKeyConstraint("question", "member", name=op.f("pk_votes")),
    )


def _remarks() -> None:
    op.create_table(
        "remarks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("talk", sa.Integer(), nullable=False),
        sa.Column("question", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=True),
        sa.Column("author", sa.BigInteger(), nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("filed_by", sa.BigInteger(), nullable=False),
        sa.Column("filed_at", INSTANT, nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('answer', 'quote')", name=op.f("ck_remarks_kind_known")),
        sa.CheckConstraint("kind = 'quote' OR question IS NOT NULL", name=op.f("ck_remarks_answers_a_question")),
        sa.CheckConstraint("kind = 'quote' OR headline IS NULL", name=op.f("ck_remarks_headline_of_a_quote")),
        sa.ForeignKeyConstraint(["talk"], ["talks.number"], name=op.f("fk_remarks_talk")),
        sa.ForeignKeyConstraint(["question"], ["questions.id"], name=op.f("fk_remarks_question")),
        sa.ForeignKeyConstraint(["author"], ["members.qq"], name=op.f("fk_remarks_author")),
        sa.ForeignKeyConstraint(["filed_by"], ["members.qq"], name=op.f("fk_remarks_filed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remarks")),
        sa.UniqueConstraint("group_id", "message_id", name=op.f("uq_remarks_group_id_message_id")),
    )
    op.create_index(op.f("ix_remarks_talk"), "remarks", ["talk"])
    op.create_index(op.f("ix_remarks_question"), "remarks", ["question"])
    op.create_table(
        "remark_lines",
        sa.Column("remark", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=True),
        sa.Column("said_at", INSTANT, nullable=True),
        sa.CheckConstraint("kind IN ('text', 'picture')", name=op.f("ck_remark_lines_kind_known")),
        sa.CheckConstraint("body <> ''", name=op.f("ck_remark_lines_body_given")),
        sa.ForeignKeyConstraint(["remark"], ["remarks.id"], name=op.f("fk_remark_lines_remark"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("remark", "position", name=op.f("pk_remark_lines")),
    )
    op.create_table(
        "discussion_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.Integer(), nullable=True),
        sa.Column("remark", sa.Integer(), nullable=True),
        sa.Column("part", sa.Text(), nullable=False),
        sa.CheckConstraint("part IN ('brought', 'seconded', 'speaks')", name=op.f("ck_discussion_messages_part_known")),
        sa.CheckConstraint("(question IS NULL) <> (remark IS NULL)", name=op.f("ck_discussion_messages_one_thing")),
        sa.ForeignKeyConstraint(["question"], ["questions.id"], name=op.f("fk_discussion_messages_question")),
        sa.ForeignKeyConstraint(
            ["remark"], ["remarks.id"], name=op.f("fk_discussion_messages_remark"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discussion_messages")),
        sa.UniqueConstraint(
            "group_id", "message_id", "question", name=op.f("uq_discussion_messages_group_id_message_id_question")
        ),
        sa.UniqueConstraint(
            "group_id", "message_id", "remark", name=op.f("uq_discussion_messages_group_id_message_id_remark")
        ),
    )
    op.create_index(op.f("ix_discussion_messages_remark"), "discussion_messages", ["remark"])


def downgrade() -> None:
    raise NotImplementedError("older programs do not know what this keeps: restore the file's copy instead")
