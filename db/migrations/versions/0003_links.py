"""links: pages, supporters, who removed what, how far the chat was heard, search"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)

NEW_COLUMNS = {
    "authors": sa.Text(),
    "site": sa.Text(),
    "pinned_at": INSTANT,
    "tag": sa.Text(),
    "removed_at": INSTANT,
    "removed_by": sa.BigInteger(),
    "removed_why": sa.Text(),
    "same_as": sa.Integer(),
}
# As 0001 made it, with the new columns: SQLite can only change constraints by building the table anew.
ITEMS = sa.Table(
    "items",
    sa.MetaData(),
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("talk", sa.Integer(), nullable=False),
    sa.Column("number", sa.Integer(), nullable=False),
    sa.Column("section", sa.Text(), nullable=False),
    sa.Column("category", sa.Text(), nullable=True),
    sa.Column("url", sa.Text(), nullable=True),
    sa.Column("key", sa.Text(), nullable=True),
    sa.Column("key_version", sa.Integer(), nullable=False),
    sa.Column("title", sa.Text(), nullable=True),
    sa.Column("title_source", sa.Text(), nullable=True),
    sa.Column("note", sa.Text(), nullable=False),
    sa.Column("submitter", sa.BigInteger(), nullable=False),
    sa.Column("via", sa.BigInteger(), nullable=True),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("created_at", INSTANT, nullable=False),
    *(sa.Column(name, kind, nullable=True) for name, kind in NEW_COLUMNS.items()),
    sa.CheckConstraint("state IN ('listed', 'withdrawn', 'rejected')", name="ck_items_state_known"),
    sa.CheckConstraint("title_source IN ('card')", name="ck_items_title_source_known"),
    sa.CheckConstraint("url IS NOT NULL OR title IS NOT NULL OR note <> ''", name="ck_items_says_something"),
    sa.CheckConstraint("(title IS NULL) = (title_source IS NULL)", name="ck_items_title_has_source"),
    sa.CheckConstraint("(url IS NULL) = (key IS NULL)", name="ck_items_url_has_key"),
    sa.CheckConstraint("number > 0", name="ck_items_number_positive"),
    sa.ForeignKeyConstraint(["submitter"], ["members.qq"], name="fk_items_submitter"),
    sa.ForeignKeyConstraint(["talk"], ["talks.number"], name="fk_items_talk"),
    sa.ForeignKeyConstraint(["via"], ["members.qq"], name="fk_items_via"),
    sa.PrimaryKeyConstraint("id", name="pk_items"),
    sa.UniqueConstraint("talk", "number", name="uq_items_talk_number"),
    sa.Index("ix_items_submitter", "submitter"),
    sa.Index(
        "uq_items_one_per_link",
        "talk",
        "key",
        unique=True,
        sqlite_where=sa.text("state = 'listed'"),
        postgresql_where=sa.text("state = 'listed'"),
    ),
)


def upgrade() -> None:
    _items()
    _messages_of_items()
    _new_tables()
    _wanted_pages()
    _search()


def _items() -> None:
    for name, kind in NEW_COLUMNS.items():
        op.add_column("items", sa.Column(name, kind, nullable=True))
    op.execute("UPDATE items SET removed_at = created_at WHERE state <> 'listed'")
    with op.batch_alter_table("items", copy_from=ITEMS) as batch_op:
        batch_op.drop_constraint(op.f("ck_items_title_source_known"), type_="check")
        for name, rule in (
            ("title_source_known", "title_source IN ('editor', 'card', 'share')"),
            ("removed_at_a_time", "(state = 'listed') = (removed_at IS NULL)"),
            ("tag_is_pinned", "tag IS NULL OR pinned_at IS NOT NULL"),
            ("same_as_another", "same_as IS NULL OR (state <> 'listed' AND same_as <> id)"),
        ):
            batch_op.create_check_constraint(op.f(f"ck_items_{name}"), rule)
        batch_op.create_foreign_key(op.f("fk_items_removed_by"), "members", ["removed_by"], ["qq"])
        batch_op.create_foreign_key(op.f("fk_items_same_as"), "items", ["same_as"], ["id"])
        batch_op.create_index("ix_items_key", ["key"])
        batch_op.create_index("ix_items_created_at", ["created_at"])


def _messages_of_items() -> None:
    with op.batch_alter_table("item_messages", recreate="always") as batch_op:
        batch_op.add_column(sa.Column("part", sa.Text(), nullable=False, server_default="speaks"))
        batch_op.add_column(sa.Column("member", sa.BigInteger(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_item_messages_part_known"), "part IN ('brought', 'seconded', 'speaks')"
        )
    op.execute(  # an item was made in the moment in which its message was handled
        "UPDATE item_messages SET part = 'brought',"
        " member = (SELECT submitter FROM items WHERE items.id = item_messages.item)"
        " WHERE EXISTS (SELECT 1 FROM messages, items"
        " WHERE messages.group_id = item_messages.group_id AND messages.message_id = item_messages.message_id"
        " AND items.id = item_messages.item AND items.created_at = messages.handled_at)"
    )
    op.add_column("attachments", sa.Column("key_version", sa.Integer(), nullable=True))
    op.add_column("attachments", sa.Column("group_id", sa.BigInteger(), nullable=True))
    op.add_column("attachments", sa.Column("message_id", sa.BigInteger(), nullable=True))
    op.execute("UPDATE attachments SET key_version = 1 WHERE key IS NOT NULL")
    op.create_index("ix_attachments_message", "attachments", ["group_id", "message_id"])


def _new_tables() -> None:
    op.create_table(
        "supporters",
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("main", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_supporters_item")),
        sa.ForeignKeyConstraint(["member"], ["members.qq"], name=op.f("fk_supporters_member")),
        sa.PrimaryKeyConstraint("item", "member", name=op.f("pk_supporters")),
    )
    op.create_index("ix_supporters_member", "supporters", ["member"])
    op.create_table(
        "pages",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("authors", sa.Text(), nullable=True),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("excerpt", sa.Text(), nullable=True),
        sa.Column("leads_to", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('wanted', 'read', 'closed')", name=op.f("ck_pages_state_known")),
        sa.CheckConstraint("(state = 'wanted') = (next_try_at IS NOT NULL)", name=op.f("ck_pages_wanted_at_a_time")),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_pages_tries_natural")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_pages")),
    )
    op.create_index("ix_pages_next_try_at", "pages", ["next_try_at"])
    op.create_table(
        "chat_marks",
        sa.Column("group_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("met_id", sa.BigInteger(), nullable=True),
        sa.Column("met_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_chat_marks")),
    )
    op.create_table(
        "search_texts",
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_search_texts_item")),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_search_texts")),
    )
    op.create_table(
        "search_stale",
        sa.Column("item", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_search_stale")),
    )


# (trigger, when, whose item is stale then)
STALE = (
    ("items_new", "AFTER INSERT ON items", "SELECT NEW.id"),
    (
        "items_changed",
        "AFTER UPDATE OF title, note, url, key, authors, site, state, submitter, via ON items",
        "SELECT NEW.id",
    ),
    ("supporters_new", "AFTER INSERT ON supporters", "SELECT NEW.item"),
    ("supporters_changed", "AFTER UPDATE ON supporters", "SELECT NEW.item"),
    ("supporters_gone", "AFTER DELETE ON supporters", "SELECT OLD.item"),
    ("attachments_new", "AFTER INSERT ON attachments", "SELECT NEW.item"),
    ("attachments_moved", "AFTER UPDATE OF item ON attachments", "SELECT NEW.item"),
    ("attachments_gone", "AFTER DELETE ON attachments", "SELECT OLD.item"),
    ("pages_read", "AFTER UPDATE OF title, authors, site ON pages", "SELECT id FROM items WHERE key = NEW.key"),
)


def _wanted_pages() -> None:
    """Items of talks to come get the titles that nobody could give them before."""
    op.execute(
        "INSERT INTO pages (key, key_version, url, state, tries, next_try_at)"
        " SELECT items.key, 1, min(items.url), 'wanted', 0, CURRENT_TIMESTAMP FROM items"
        " JOIN talks ON talks.number = items.talk WHERE talks.state = 'collecting' AND items.state = 'listed'"
        " AND items.url IS NOT NULL GROUP BY items.key"
    )


def _search() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        op.execute("CREATE VIRTUAL TABLE search_index USING fts5(title, words, people, content='', tokenize='ascii')")
    else:
        op.execute("CREATE TABLE search_index (item INTEGER PRIMARY KEY REFERENCES items (id), tokens TSVECTOR)")
        op.execute("CREATE INDEX ix_search_index_tokens ON search_index USING GIN (tokens)")
    for name, when, whose in STALE:
        body = f"INSERT INTO search_stale (item) {whose} WHERE true ON CONFLICT DO NOTHING"
        if "WHERE key" in whose:
            body = body.replace(" WHERE true", "")
        if sqlite:
            op.execute(f"CREATE TRIGGER stale_{name} {when} BEGIN {body}; END")
        else:
            op.execute(
                f"CREATE FUNCTION stale_{name}() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN {body}; RETURN NULL; END $$"
            )
            op.execute(f"CREATE TRIGGER stale_{name} {when} FOR EACH ROW EXECUTE FUNCTION stale_{name}()")
    op.execute("INSERT INTO search_stale (item) SELECT id FROM items")


def downgrade() -> None:
    raise NotImplementedError("older programs do not know what this keeps: restore the file's copy instead")
