"""Content-addressed files, written atomically and only once."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile


def put(path: Path, body: bytes) -> None:
    """Write a file atomically, unless it exists already. Raises OSError."""
    if path.exists() and path.stat().st_size == len(body):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as partial:
        partial.write(body)
        partial.flush()
        os.fsync(partial.fileno())  # else a power failure may leave an empty file
    Path(partial.name).replace(path)


def keep_newest(folder: Path, pattern: str, count: int) -> None:
    """Delete all but the `count` newest of these files."""
    there = sorted(folder.glob(pattern), key=lambda each: each.stat().st_mtime_ns, reverse=True)
    for old in there[count:]:
        old.unlink(missing_ok=True)
