"""pictures in the database, referred to by foreign keys; columns and tables called what they are"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import context, op

from db.image_type import MAX_BYTES, image_type

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
LOST = "（图片已丢失）"
_log = logging.getLogger(__name__)


def upgrade() -> None:
    _talk_columns()
    _question_numbers()
    _carryovers()
    _leases()
    _pictures()
    _references()


def _talk_columns() -> None:
    op.execute("ALTER TABLE talks RENAME COLUMN starts_at TO scheduled_at")
    op.execute("ALTER TABLE talks RENAME COLUMN opened_at TO collecting_from")
    with op.batch_alter_table("talks") as talks:
        talks.drop_constraint("uq_talks_starts_at", type_="unique")
        talks.create_unique_constraint(op.f("uq_talks_scheduled_at"), ["scheduled_at"])


def _question_numbers() -> None:
    op.create_table(
        "question_numbers",
        sa.Column("talk", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("question", sa.Integer(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_question_numbers_number_positive")),
        sa.ForeignKeyConstraint(["talk"], ["talks.number"], name=op.f("fk_question_numbers_talk")),
        sa.ForeignKeyConstraint(["question"], ["questions.id"], name=op.f("fk_question_numbers_question")),
        sa.PrimaryKeyConstraint("talk", "number", name=op.f("pk_question_numbers")),
        sa.UniqueConstraint("question", "talk", name=op.f("uq_question_numbers_question_talk")),
    )
    op.execute("INSERT INTO question_numbers (talk, number, question) SELECT talk, number, question FROM standings")
    op.drop_table("standings")


def _carryovers() -> None:
    op.create_table(
        "carryovers",
        sa.Column("talk", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("carried_at", INSTANT, nullable=False),
        sa.Column("carried_by", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["talk"], ["talks.number"], name=op.f("fk_carryovers_talk")),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_carryovers_item")),
        sa.ForeignKeyConstraint(["carried_by"], ["members.qq"], name=op.f("fk_carryovers_carried_by")),
        sa.PrimaryKeyConstraint("talk", "number", name=op.f("pk_carryovers")),
    )
    op.execute(
        "INSERT INTO carryovers (talk, number, item, carried_at, carried_by)"
        " SELECT talk, number, item, carried_at, carried_by FROM carries"
    )
    op.drop_table("carries")
    op.create_index(op.f("ix_carryovers_item"), "carryovers", ["item"])


def _leases() -> None:
    op.drop_table("watches")  # nothing in it outlives the processes
    op.create_table(
        "leases",
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("process", "group_id", name=op.f("pk_leases")),
    )


def _pictures() -> None:
    """Take in the files that something shows; what is not there, or is no picture, is said to be lost."""
    op.create_table(
        "pictures",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("unused_since", INSTANT, nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "type IN ('image/png', 'image/jpeg', 'image/gif', 'image/webp')", name=op.f("ck_pictures_type_known")
        ),
        sa.CheckConstraint(f"length(content) BETWEEN 1 AND {MAX_BYTES}", name=op.f("ck_pictures_content_size")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pictures")),
    )
    pictures = sa.table(
        "pictures", *(sa.column(name) for name in ("name", "type")), sa.column("content", sa.LargeBinary)
    )
    connection = op.get_bind()
    shown = connection.execute(
        sa.text(
            "SELECT body FROM attachments WHERE kind = 'picture' UNION SELECT body FROM remark_lines"
            " WHERE kind = 'picture' UNION SELECT picture FROM invitations"
        )
    )
    folder = Path(context.config.attributes.get("pictures") or ".")
    for (name,) in shown.all():
        body = _read(folder / name)
        media_type = image_type(body) if 0 < len(body) <= MAX_BYTES else None
        if media_type is None:
            _log.warning("%s is no picture, or is not there: it is said to be lost", folder / name)
            _lose(connection, name)
        else:
            connection.execute(sa.insert(pictures).values(name=name, type=media_type, content=body))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _lose(connection: sa.Connection, name: str) -> None:
    for table in ("attachments", "remark_lines"):
        changed = sa.table(table, sa.column("kind"), sa.column("body"))
        connection.execute(
            sa.update(changed).where(changed.c.kind == "picture", changed.c.body == name).values(kind="text", body=LOST)
        )
    connection.execute(sa.text("DELETE FROM invitations WHERE picture = :name"), {"name": name})


def _references() -> None:
    for table in ("attachments", "remark_lines"):
        with _keeping_triggers(table):
            with op.batch_alter_table(table) as changed:
                changed.add_column(sa.Column("picture", sa.Text(), nullable=True))
                changed.alter_column("body", existing_type=sa.Text(), nullable=True)
            rows = sa.table(table, sa.column("kind"), sa.column("body"), sa.column("picture"))
            op.execute(sa.update(rows).where(rows.c.kind == "picture").values(picture=rows.c.body, body=None))
            with op.batch_alter_table(table) as changed:
                changed.create_foreign_key(op.f(f"fk_{table}_picture"), "pictures", ["picture"], ["name"])
                changed.create_check_constraint(
                    op.f(f"ck_{table}_picture_or_body"),
                    "(kind = 'picture') = (picture IS NOT NULL) AND (kind = 'picture') = (body IS NULL)",
                )
        op.create_index(op.f(f"ix_{table}_picture"), table, ["picture"])
    with op.batch_alter_table("invitations") as invitations:
        invitations.create_foreign_key(op.f("fk_invitations_picture"), "pictures", ["picture"], ["name"])


@contextmanager
def _keeping_triggers(table: str) -> Iterator[None]:
    """SQLite builds a table anew to change it, and the triggers on it go with the old one."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        yield
        return
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
    triggers = connection.scalars(query, {"table": table}).all()
    yield
    for trigger in triggers:
        op.execute(trigger)


def downgrade() -> None:
    raise NotImplementedError("older programs do not know what this keeps: restore the file's copy instead")
