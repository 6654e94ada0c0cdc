"""members have an address of their own and may become anonymous; talks count their moves; search by section and talk"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ITEMS_CHANGED = (
    "AFTER UPDATE OF title, note, url, key, authors, site, state, submitter, via, section, category, talk ON items"
)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("members", sa.Column("anonymous", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("talks", sa.Column("sequence", sa.Integer(), nullable=False, server_default="0"))
    _codes(sqlite)
    listed = sa.text("state = 'listed'")
    op.create_index(
        "ix_items_of_member", "items", ["submitter", "talk", "number"], sqlite_where=listed, postgresql_where=listed
    )
    for table, column in (("remarks", "author"), ("questions", "asker"), ("role_holders", "member")):
        op.create_index(f"ix_{table}_{column}", table, [column])
    if sqlite:
        op.execute("DROP TRIGGER stale_items_changed")
        body = "INSERT INTO search_stale (item) SELECT NEW.id WHERE true ON CONFLICT DO NOTHING"
        op.execute(f"CREATE TRIGGER stale_items_changed {ITEMS_CHANGED} BEGIN {body}; END")
    else:
        op.execute("DROP TRIGGER stale_items_changed ON items")
        op.execute(
            f"CREATE TRIGGER stale_items_changed {ITEMS_CHANGED} FOR EACH ROW EXECUTE FUNCTION stale_items_changed()"
        )
    op.execute("INSERT INTO search_stale (item) SELECT id FROM items WHERE true ON CONFLICT DO NOTHING")


def _codes(sqlite: bool) -> None:
    """A random code for each member: an address that does not tell the QQ number."""
    op.add_column("members", sa.Column("code", sa.Text(), nullable=True))
    if sqlite:
        op.execute("UPDATE members SET code = lower(hex(randomblob(5)))")
        op.execute(
            "CREATE TRIGGER member_code AFTER INSERT ON members WHEN NEW.code IS NULL"
            " BEGIN UPDATE members SET code = lower(hex(randomblob(5))) WHERE qq = NEW.qq; END"
        )
    else:
        random = "left(replace(gen_random_uuid()::text, '-', ''), 10)"
        op.execute(f"UPDATE members SET code = {random}")  # noqa: S608 no foreign text
        op.execute(f"ALTER TABLE members ALTER COLUMN code SET DEFAULT {random}")
    op.create_index("uq_members_code", "members", ["code"], unique=True)


def downgrade() -> None:
    raise NotImplementedError("older programs do not know what this keeps: restore the file's copy instead")
