"""Backups: made beside who serves the database, checked before they are put back, and nothing is lost by either."""

import json
import sqlite3
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db import archive
from db.archive import back_up, look_into_archive, restore
from db.opening import open_database
from db.refusals import CannotBackUp, CannotOpen

NOW = datetime(2026, 11, 26, 4, tzinfo=UTC)


def put(path: Path, number: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("INSERT INTO members (qq, card) VALUES (?, 'somebody')", [number])


def members(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as raw:
        return [row[0] for row in raw.execute("SELECT qq FROM members ORDER BY qq")]


@pytest.fixture
def path(tmp_path: Path, migrated: Path) -> Path:
    there = tmp_path / "data" / "talk.db"
    there.parent.mkdir()
    there.write_bytes(migrated.read_bytes())
    put(there, 1)
    return there


@pytest.fixture
def made(tmp_path: Path, path: Path) -> Path:
    series = tmp_path / "ours.toml"
    series.write_text("name = 'x'")
    return back_up(f"sqlite:///{path}", tmp_path / "a.zip", {"series.toml": series}, "1.0.0", NOW).path


def test_there_and_back(tmp_path: Path, path: Path, made: Path) -> None:
    put(path, 2)
    found = look_into_archive(made)
    assert (found.program, found.made_at, sorted(found.files)) == ("1.0.0", NOW, ["series.toml", "talk.db"])
    kept = restore(f"sqlite:///{path}", found, tmp_path, NOW)
    assert members(path) == [1]
    assert kept is not None
    assert members(kept) == [1, 2]
    open_database(f"sqlite:///{path}").close()
    assert sorted(each.name for each in path.parent.iterdir()) == [
        "talk.db",
        "talk.db.20261126-040000.replaced",
        "talk.db.lock",
    ]


def test_beside_a_running_bot_with_what_is_in_its_journal(tmp_path: Path, path: Path) -> None:
    serving = open_database(f"sqlite:///{path}")
    with serving.writer.begin() as connection:
        connection.exec_driver_sql("INSERT INTO members (qq, card) VALUES (7, 'x')")
    assert Path(f"{path}-wal").stat().st_size
    made = back_up(f"sqlite:///{path}", tmp_path / "b.zip", {}, "1.0.0", NOW)
    with pytest.raises(CannotOpen, match="另一个进程正在使用"):
        restore(f"sqlite:///{path}", made, tmp_path, NOW)
    serving.close()
    restore(f"sqlite:///{tmp_path}/other.db", made, tmp_path, NOW)
    assert members(tmp_path / "other.db") == [1, 7]


def test_what_a_killed_process_left_in_its_journal_does_not_reach_the_restored_file(tmp_path: Path, path: Path) -> None:
    made = back_up(f"sqlite:///{path}", tmp_path / "b.zip", {}, "1.0.0", NOW)
    code = (
        "import os, sys\nfrom db.opening import open_database\n"
        "with open_database(sys.argv[1]).writer.begin() as c:\n"
        "    c.exec_driver_sql(\"INSERT INTO members (qq, card) VALUES (8, 'x')\")\n"
        "os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, f"sqlite:///{path}"], cwd=Path(__file__).parents[2], check=False)
    assert Path(f"{path}-wal").stat().st_size
    kept = restore(f"sqlite:///{path}", made, tmp_path, NOW)
    assert kept is not None
    assert (members(path), members(kept)) == ([1], [1, 8])


def test_a_damaged_file_is_kept_as_it_is(tmp_path: Path, path: Path, made: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)
    kept = restore(f"sqlite:///{path}", look_into_archive(made), tmp_path, NOW)
    assert kept is not None
    assert kept.read_bytes().startswith(b"no database")
    assert members(path) == [1]
    with pytest.raises(CannotBackUp, match=r"备份没有做成|不是本机器人的"):
        back_up(f"sqlite:///{kept}", tmp_path / "c.zip", {}, "1.0.0", NOW)
    assert not (tmp_path / "c.zip").exists()


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 0.999])
def test_an_archive_cut_short_changes_nothing(tmp_path: Path, path: Path, made: Path, share: float) -> None:
    whole = made.read_bytes()
    made.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(CannotBackUp, match="不是完整的备份"):
        look_into_archive(made)
    assert members(path) == [1]


def test_every_byte_counts(made: Path) -> None:
    whole = bytearray(made.read_bytes())
    for place in range(40, len(whole) - 400, len(whole) // 40):
        made.write_bytes(bytes([*whole[:place], whole[place] ^ 0xFF, *whole[place + 1 :]]))
        try:
            look_into_archive(made)  # a byte of a date or the like in the directory may say something else
        except CannotBackUp:
            continue
        with zipfile.ZipFile(made) as read, closing(sqlite3.connect(":memory:")) as raw:
            raw.deserialize(read.read("talk.db"))
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def rewritten(made: Path, **changes: object) -> None:
    with zipfile.ZipFile(made) as old:
        files = {name: old.read(name) for name in old.namelist()}
    files["backup.json"] = json.dumps(json.loads(files["backup.json"]) | changes).encode()
    with zipfile.ZipFile(made, "w") as new:
        for name, body in files.items():
            new.writestr(name, body)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"version": "9999", "program": "9.0.0"}, "是更新的程序（9.0.0）做的"),
        ({"format": 2}, "是更新的程序"),
        ({"files": {"talk.db": "0" * 64}}, "talk.db 损坏"),
        ({"files": {"none": "0" * 64}}, "不是完整的备份"),
        ({"made_at": "yesterday"}, "不是完整的备份"),
    ],
)
def test_archives_that_are_refused(made: Path, changes: dict[str, object], says: str) -> None:
    rewritten(made, **changes)
    with pytest.raises(CannotBackUp, match=says):
        look_into_archive(made)


def test_something_else_is_no_backup(tmp_path: Path) -> None:
    for name, body in (("a.zip", b"PK"), ("b.zip", b""), ("c.txt", b"hello" * 500)):
        (tmp_path / name).write_bytes(body)
        with pytest.raises(CannotBackUp, match="不是完整的备份"):
            look_into_archive(tmp_path / name)
    with pytest.raises(CannotBackUp, match=r"没有 .*none.zip 这个文件"):
        look_into_archive(tmp_path / "none.zip")


def test_of_two_at_once_one_goes_on(tmp_path: Path, path: Path, made: Path) -> None:
    found = look_into_archive(made)

    def try_it(_number: int) -> str:
        try:
            restore(f"sqlite:///{path}", found, tmp_path, NOW)
        except CannotOpen:
            return "refused"
        return "done"

    with ThreadPoolExecutor(2) as both:
        assert set(both.map(try_it, range(2))) <= {"done", "refused"}
    assert members(path) == [1]


def test_a_disk_that_is_full_leaves_no_half_archive(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive.os, "fsync", full)
    with pytest.raises(CannotBackUp, match=r"备份写不了 .*No space left"):
        back_up(f"sqlite:///{path}", tmp_path / "out" / "b.zip", {}, "1.0.0", NOW)
    assert list((tmp_path / "out").iterdir()) == []
    made = tmp_path / "d.zip"
    monkeypatch.undo()
    back_up(f"sqlite:///{path}", made, {}, "1.0.0", NOW)
    put(path, 2)
    monkeypatch.setattr(archive.os, "fsync", full)
    with pytest.raises(CannotBackUp, match="原来的还在"):
        restore(f"sqlite:///{path}", look_into_archive(made), tmp_path, NOW)
    assert members(path) == [1, 2]


def test_a_folder_that_cannot_be_written(tmp_path: Path, path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotBackUp, match="备份写不了"):
        back_up(f"sqlite:///{path}", tmp_path / "file" / "b.zip", {}, "1.0.0", NOW)


def test_the_two_kinds_of_database_do_not_mix(tmp_path: Path, made: Path) -> None:
    with pytest.raises(CannotBackUp, match="不是同一种数据库"):
        restore("postgresql://127.0.0.1:1/none", look_into_archive(made), tmp_path, NOW)
