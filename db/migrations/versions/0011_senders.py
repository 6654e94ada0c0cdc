"""what a member sent in lately is found by an index"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_items_created_at", "items")
    op.create_index("ix_items_sender", "items", [sa.text("coalesce(via, submitter)"), "created_at"])
    op.drop_index("ix_supporters_member", "supporters")
    op.create_index("ix_supporters_member", "supporters", ["member", "created_at"])


def downgrade() -> None:
    raise NotImplementedError("older programs do not know what this keeps: restore the file's copy instead")
