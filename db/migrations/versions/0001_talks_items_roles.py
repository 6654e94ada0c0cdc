"""talks, items, roles"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "members",
        sa.Column("qq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("nick", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("qq", name=op.f("pk_members")),
    )
    op.create_table(
        "messages",
        sa.Column("group_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sender", sa.BigInteger(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "message_id", name=op.f("pk_messages")),
    )
    op.create_table(
        "talks",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_why", sa.Text(), nullable=True),
        sa.Column("article", sa.Text(), nullable=True),
        sa.Column("video", sa.Text(), nullable=True),
        sa.Column("last_item", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('collecting', 'live', 'held', 'published', 'cancelled')", name=op.f("ck_talks_state_known")
        ),
        sa.CheckConstraint("last_item >= 0", name=op.f("ck_talks_last_item_natural")),
        sa.CheckConstraint("number >= 0", name=op.f("ck_talks_number_natural")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_talks")),
        sa.UniqueConstraint("starts_at", name=op.f("uq_talks_starts_at")),
    )
    with op.batch_alter_table("talks", schema=None) as batch_op:
        batch_op.create_index(
            "uq_talks_one_live",
            ["state"],
            unique=True,
            sqlite_where=sa.text("state = 'live'"),
            postgresql_where=sa.text("state = 'live'"),
        )

    op.create_table(
        "items",
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
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('listed', 'withdrawn', 'rejected')", name=op.f("ck_items_state_known")),
        sa.CheckConstraint("title_source IN ('card')", name=op.f("ck_items_title_source_known")),
        sa.CheckConstraint("url IS NOT NULL OR title IS NOT NULL OR note <> ''", name=op.f("ck_items_says_something")),
        sa.CheckConstraint("(title IS NULL) = (title_source IS NULL)", name=op.f("ck_items_title_has_source")),
        sa.CheckConstraint("(url IS NULL) = (key IS NULL)", name=op.f("ck_items_url_has_key")),
        sa.CheckConstraint("number > 0", name=op.f("ck_items_number_positive")),
        sa.ForeignKeyConstraint(["submitter"], ["members.qq"], name=op.f("fk_items_submitter")),
        sa.ForeignKeyConstraint(["talk"], ["talks.number"], name=op.f("fk_items_talk")),
        sa.ForeignKeyConstraint(["via"], ["members.qq"], name=op.f("fk_items_via")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("talk", "number", name=op.f("uq_items_talk_number")),
    )
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.create_index("ix_items_submitter", ["submitter"], unique=False)
        batch_op.create_index(
            "uq_items_one_per_link",
            ["talk", "key"],
            unique=True,
            sqlite_where=sa.text("state = 'listed'"),
            postgresql_where=sa.text("state = 'listed'"),
        )

    op.create_table(
        "role_holders",
        sa.Column("talk", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("slot >= 0", name=op.f("ck_role_holders_slot_natural")),
        sa.ForeignKeyConstraint(["member"], ["members.qq"], name=op.f("fk_role_holders_member")),
        sa.ForeignKeyConstraint(["talk"], ["talks.number"], name=op.f("fk_role_holders_talk")),
        sa.PrimaryKeyConstraint("talk", "role", "slot", name=op.f("pk_role_holders")),
        sa.UniqueConstraint("talk", "role", "member", name=op.f("uq_role_holders_talk_role_member")),
    )
    op.create_table(
        "attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("added_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'link') = (key IS NOT NULL)", name=op.f("ck_attachments_link_has_key")),
        sa.CheckConstraint("body <> ''", name=op.f("ck_attachments_body_given")),
        sa.CheckConstraint("kind IN ('link', 'text', 'picture')", name=op.f("ck_attachments_kind_known")),
        sa.ForeignKeyConstraint(["added_by"], ["members.qq"], name=op.f("fk_attachments_added_by")),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_attachments_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.create_index("ix_attachments_item", ["item"], unique=False)
        batch_op.create_index("ix_attachments_key", ["key"], unique=False)

    op.create_table(
        "item_messages",
        sa.Column("group_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_item_messages_item")),
        sa.PrimaryKeyConstraint("group_id", "message_id", "item", name=op.f("pk_item_messages")),
    )


def downgrade() -> None:
    op.drop_table("item_messages")
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.drop_index("ix_attachments_key")
        batch_op.drop_index("ix_attachments_item")

    op.drop_table("attachments")
    op.drop_table("role_holders")
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_items_one_per_link",
            sqlite_where=sa.text("state = 'listed'"),
            postgresql_where=sa.text("state = 'listed'"),
        )
        batch_op.drop_index("ix_items_submitter")

    op.drop_table("items")
    with op.batch_alter_table("talks", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_talks_one_live", sqlite_where=sa.text("state = 'live'"), postgresql_where=sa.text("state = 'live'")
        )

    op.drop_table("talks")
    op.drop_table("messages")
    op.drop_table("members")
