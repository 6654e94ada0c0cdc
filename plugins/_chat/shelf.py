"""Files that are named by what is in them: written whole or not at all, and never twice."""

from pathlib import Path
from tempfile import NamedTemporaryFile


def put(path: Path, body: bytes) -> None:
    """Write a file, unless it is there already. Raises OSError."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as partial:
        partial.write(body)
    Path(partial.name).replace(path)


def keep_newest(folder: Path, pattern: str, count: int) -> None:
    """Let go of all but the newest of these files."""
    there = sorted(folder.glob(pattern), key=lambda each: each.stat().st_mtime_ns, reverse=True)
    for old in there[count:]:
        old.unlink(missing_ok=True)
