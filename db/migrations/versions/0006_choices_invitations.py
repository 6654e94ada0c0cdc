"""what is picked, offered again, named and wished for; how people join; what a published talk is called"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("talks", sa.Column("summary", sa.Text(), nullable=True))
    _nominations()
    _sections()
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("uploaded_by", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.CheckConstraint("until > uploaded_at", name=op.f("ck_invitations_good_for_a_while")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["members.qq"], name=op.f("fk_invitations_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
    )


def _nominations() -> None:
    op.create_table(
        "picks",
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("picked_by", sa.BigInteger(), nullable=False),
        sa.Column("picked_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_picks_item")),
        sa.ForeignKeyConstraint(["picked_by"], ["members.qq"], name=op.f("fk_picks_picked_by")),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_picks")),
    )
    op.create_table(
        "offers",
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("again_of", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.CheckConstraint("round BETWEEN 2 AND 4", name=op.f("ck_offers_round_in_four")),
        sa.CheckConstraint("item <> again_of", name=op.f("ck_offers_another_item")),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_offers_item")),
        sa.ForeignKeyConstraint(["again_of"], ["items.id"], name=op.f("fk_offers_again_of")),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_offers")),
        sa.UniqueConstraint("again_of", name=op.f("uq_offers_again_of")),
    )


def _sections() -> None:
    op.create_table(
        "themes",
        sa.Column("talk", sa.Integer(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.CheckConstraint("topic <> ''", name=op.f("ck_themes_topic_given")),
        sa.ForeignKeyConstraint(["talk"], ["talks.number"], name=op.f("fk_themes_talk")),
        sa.ForeignKeyConstraint(["set_by"], ["members.qq"], name=op.f("fk_themes_set_by")),
        sa.PrimaryKeyConstraint("talk", "section", name=op.f("pk_themes")),
    )
    op.create_table(
        "suggestions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("talk", sa.Integer(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("body <> ''", name=op.f("ck_suggestions_body_given")),
        sa.ForeignKeyConstraint(["talk"], ["talks.number"], name=op.f("fk_suggestions_talk")),
        sa.ForeignKeyConstraint(["member"], ["members.qq"], name=op.f("fk_suggestions_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestions")),
        sa.UniqueConstraint("group_id", "message_id", name=op.f("uq_suggestions_group_id_message_id")),
    )
    op.create_index(op.f("ix_suggestions_talk"), "suggestions", ["talk"])


def downgrade() -> None:
    raise NotImplementedError("older programs do not know what this keeps: restore the file's copy instead")
