"""who started and published a talk, and whether it was opened again; names as they were published; nobody nameless"""

import sqlalchemy as sa
from alembic import op

from db.names import stand_in

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _name_everybody()
    with op.batch_alter_table("members") as members:
        members.create_check_constraint(op.f("ck_members_has_a_name"), "card <> ''")
    with op.batch_alter_table("talks") as talks:
        talks.add_column(sa.Column("started_by", sa.BigInteger(), nullable=True))
        talks.add_column(sa.Column("published_by", sa.BigInteger(), nullable=True))
        talks.add_column(sa.Column("reopened_at", INSTANT, nullable=True))
        talks.create_foreign_key(op.f("fk_talks_started_by"), "members", ["started_by"], ["qq"])
        talks.create_foreign_key(op.f("fk_talks_published_by"), "members", ["published_by"], ["qq"])
    op.add_column("suggestions", sa.Column("receipt", sa.BigInteger(), nullable=True))
    op.create_table(
        "published_names",
        sa.Column("talk", sa.Integer(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_published_names_name_given")),
        sa.ForeignKeyConstraint(["talk"], ["talks.number"], name=op.f("fk_published_names_talk")),
        sa.ForeignKeyConstraint(["member"], ["members.qq"], name=op.f("fk_published_names_member")),
        sa.PrimaryKeyConstraint("talk", "member", name=op.f("pk_published_names")),
    )


def _name_everybody() -> None:
    """Who has no card, or one that is their QQ number, is known by a stand-in from now on."""
    members = sa.table("members", sa.column("qq", sa.BigInteger), sa.column("card", sa.Text))
    connection = op.get_bind()
    for qq, card in connection.execute(sa.select(members.c.qq, members.c.card)).all():
        if not card.strip() or str(qq) in card:
            connection.execute(sa.update(members).where(members.c.qq == qq).values(card=stand_in(qq)))


def downgrade() -> None:
    raise NotImplementedError("older programs do not know what this keeps: restore the file's copy instead")
