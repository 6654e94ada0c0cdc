"""A SQLite file is one process's own by what it is; a damaged one is told in one line."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from db.opening import open_database
from db.refusals import CannotOpen

ROOT = Path(__file__).parents[2]
OPEN = "import sys; from db.opening import open_database; open_database(sys.argv[1]); print('opened')"


def opens(path: Path) -> str:
    """What another process says that opens the same file."""
    done = subprocess.run(
        [sys.executable, "-c", OPEN, f"sqlite:///{path}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the lock file while it is held")
def test_a_second_process_is_refused_by_whatever_path_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "talk.db"
    database = open_database(f"sqlite:///{path}")
    (tmp_path / "link.db").symlink_to(path)
    (tmp_path / "hard.db").hardlink_to(path)
    (tmp_path / "folder").symlink_to(tmp_path, target_is_directory=True)
    for other in (path, tmp_path / "link.db", tmp_path / "hard.db", tmp_path / "folder" / "talk.db"):
        assert "另一个进程正在使用" in opens(other), other
    Path(f"{path}.lock").unlink()
    assert "另一个进程正在使用" in opens(path)
    beside = sqlite3.connect(path)  # reading beside it goes on working
    assert beside.execute("SELECT count(*) FROM talks").fetchone() == (0,)
    beside.close()
    database.close()
    assert opens(path) == "opened"


def test_damaged_pages_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "talk.db"
    open_database(f"sqlite:///{path}").close()
    whole = path.read_bytes()
    for begins, length in ((len(whole) // 2, 8192), (4096, 4096), (100, 3000), (0, 16), (len(whole) - 4096, 4096)):
        path.write_bytes(whole[:begins] + b"\xa5" * length + whole[begins + length :])
        with pytest.raises(CannotOpen) as refused:
            open_database(f"sqlite:///{path}")
        assert "\n" not in str(refused.value)
    path.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(CannotOpen):
        open_database(f"sqlite:///{path}")
