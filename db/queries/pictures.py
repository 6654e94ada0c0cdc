"""Who shows the pictures that people added."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, union

from db.enums import AttachmentKind, LineKind
from db.models import Attachment, Invitation, RemarkLine


def unshown(connection: Connection, names: Sequence[str]) -> Sequence[str]:
    """Those of these files that nothing shows: no item, remark or invitation."""
    shown = union(
        select(RemarkLine.body).where(RemarkLine.kind == LineKind.PICTURE, RemarkLine.body.in_(names)),
        select(Attachment.body).where(Attachment.kind == AttachmentKind.PICTURE, Attachment.body.in_(names)),
        select(Invitation.picture).where(Invitation.picture.in_(names)),
    )
    return sorted(set(names) - set(connection.scalars(shown)))
