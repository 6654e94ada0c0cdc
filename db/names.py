"""Stand-in names for members without a name that can be shown."""

import base64
import hashlib

ANYBODY = "群友"


def stand_in(qq: int) -> str:
    """`群友` and a short mark, always the same for one account; the number cannot be read back from it."""
    digest = hashlib.blake2s(str(qq).encode(), digest_size=5).digest()
    return f"{ANYBODY}{base64.b32encode(digest).decode().lower()[:4]}"
