"""Files that are named by what is in them: written whole or not at all, and never twice."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile


def put(path: Path, body: bytes) -> None:
    """Write a file, unless it is there already, and whole. Raises OSError."""
    if path.exists() and path.stat().st_size == len(body):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as partial:
        partial.write(body)
        partial.flush()
        os.fsync(partial.fileno())  # else a power cut may leave the name without the content
    Path(partial.name).replace(path)


def keep_newest(folder: Path, pattern: str, count: int) -> None:
    """Let go of all but the newest of these files."""
    there = sorted(folder.glob(pattern), key=lambda each: each.stat().st_mtime_ns, reverse=True)
    for old in there[count:]:
        old.unlink(missing_ok=True)
