"""Backups: one ZIP file with the database, members' pictures in it, the series, and a list of what it holds.

A SQLite file is copied by SQLite's backup API, beside whoever serves it; a PostgreSQL by pg_dump, where there is one.
"""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import zipfile
import zlib
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from filelock import FileLock, Timeout
from sqlalchemy import URL

from db.migrate import known_versions
from db.opening import lock_file, look_into, parse_url, version_of
from db.queries import leases
from db.refusals import CannotBackUp, CannotOpen

MANIFEST, SQLITE, DUMP = "backup.json", "talk.db", "talk.dump"
FORMAT = 1
UNREADABLE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, KeyError, ValueError, TypeError)
LONGEST = 600  # seconds that pg_dump or pg_restore may take
GONE = timedelta(minutes=1)  # a process that has not renewed its lease for so long does not serve


@dataclass(frozen=True)
class Archive:
    """What a backup says about itself. `files` are the digests (SHA-256) of the others by their names in it."""

    path: Path
    made_at: datetime
    program: str
    version: str
    files: Mapping[str, str]

    @property
    def is_sqlite(self) -> bool:
        return SQLITE in self.files


def back_up(url: str, path: Path, others: Mapping[str, Path], program: str, now: datetime) -> Archive:
    """Write a backup of the database `url` to `path`, with `others` (files by their names in it), all or nothing.

    `program` is the version that makes it. Raises CannotBackUp or CannotOpen.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
            copied, version = _copy(parse_url(url), Path(folder))
            there = {copied.name: copied, **{name: file for name, file in others.items() if file.is_file()}}
            files = {name: _digest(file) for name, file in there.items()}
            made = Archive(path, now, program, version, files)
            with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as target:
                for name, file in there.items():
                    target.write(file, name)
                target.writestr(MANIFEST, _manifest(made))
        _to_disk(unfinished)
        unfinished.replace(path)
    except OSError as error:
        raise CannotBackUp(f"备份写不了 {path}：{error.strerror or error}") from error
    finally:
        with suppress(OSError):  # the folder may be what is wrong
            unfinished.unlink(missing_ok=True)
    return made


def _copy(url: URL, folder: Path) -> tuple[Path, str]:
    """A copy of the database in `folder`, and the version of its schema."""
    if url.get_backend_name() == "sqlite":
        source = Path(url.database or "")
        if not source.exists():
            raise CannotOpen(f"还没有数据库 {source}：先启动一次机器人")
        copy = folder / SQLITE
        try:
            address = f"{source.resolve().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True)) as old, closing(sqlite3.connect(copy)) as new:
                old.backup(new)
                new.execute("PRAGMA journal_mode = DELETE")
            return copy, _check(copy)
        except sqlite3.Error as error:
            raise CannotBackUp(f"备份没有做成：{error}") from error
    version = version_of(url.render_as_string(hide_password=False)) or ""
    _run("pg_dump", "--format=custom", "--no-owner", f"--file={folder / DUMP}", f"--dbname={_plain(url)}", url=url)
    return folder / DUMP, version


def _check(copy: Path) -> str:
    """The schema version of a SQLite file. Raises CannotBackUp if it is damaged or not ours."""
    with closing(sqlite3.connect(copy)) as connection:
        try:
            if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                raise CannotBackUp("数据库文件损坏")
            return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
        except (sqlite3.Error, TypeError) as error:
            raise CannotBackUp(f"里面不是本机器人的数据库（{error}）") from error


def _manifest(made: Archive) -> str:
    written = {
        "format": FORMAT,
        "made_at": made.made_at.isoformat(),
        "program": made.program,
        "version": made.version,
        "files": dict(made.files),
    }
    return json.dumps(written, ensure_ascii=False, indent=2)


def look_into_archive(path: Path) -> Archive:
    """Read what a backup holds, and check that all of it is there, intact, and not newer than this program.

    Raises CannotBackUp.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            said = json.loads(archive.read(MANIFEST))
            found = Archive(
                path=path,
                made_at=datetime.fromisoformat(said["made_at"]),
                program=str(said["program"]),
                version=str(said["version"]),
                files=dict(said["files"]),
            )
            if said["format"] != FORMAT or found.version not in known_versions():
                raise CannotBackUp(f"{path.name} 是更新的程序（{found.program}）做的，请先更新程序；什么都没有改动")
            for name, digest in found.files.items():
                with archive.open(name) as file:
                    if hashlib.file_digest(cast(io.BufferedReader, file), "sha256").hexdigest() != digest:
                        raise CannotBackUp(f"{path.name} 里的 {name} 损坏；什么都没有改动")
    except FileNotFoundError:
        raise CannotBackUp(f"没有 {path} 这个文件") from None
    except UNREADABLE as error:
        raise CannotBackUp(f"{path.name} 不是完整的备份（{error}）；什么都没有改动") from error
    return found


def restore(url: str, archive: Archive, keep: Path, now: datetime) -> Path | None:
    """Put a backup's database in the place of `url`'s; returns where what was there is kept (None: nothing was).

    A SQLite file is kept beside the new one, a PostgreSQL as a dump in the folder `keep`.

    Nobody may serve the database meanwhile. Raises CannotBackUp or CannotOpen, and then what was there is unchanged.
    """
    target = parse_url(url)
    if archive.is_sqlite != (target.get_backend_name() == "sqlite"):
        raise CannotBackUp("备份和 DATABASE_URL 不是同一种数据库（SQLite、PostgreSQL）；什么都没有改动")
    with _out_of(archive) as folder:
        if not archive.is_sqlite:
            return _restore_shared(url, folder / DUMP, keep, now)
        return _restore_file(Path(target.database or ""), folder / SQLITE, now)


@contextmanager
def _out_of(archive: Archive) -> Generator[Path]:
    with TemporaryDirectory(prefix="talk-restore-") as folder:
        try:
            with zipfile.ZipFile(archive.path) as source:
                source.extractall(folder, [name for name in (SQLITE, DUMP) if name in archive.files])
        except UNREADABLE as error:
            raise CannotBackUp(f"{archive.path.name} 解不开（{error}）；什么都没有改动") from error
        yield Path(folder)


def _restore_file(path: Path, copy: Path, now: datetime) -> Path | None:
    _check(copy)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with lock_file(path):
            return _replace(path, copy, path.with_name(f"{path.name}.{now:%Y%m%d-%H%M%S}.replaced"))
    except OSError as error:
        raise CannotBackUp(f"恢复写不了 {path}：{error.strerror or error}；原来的还在") from error


def _replace(path: Path, copy: Path, kept: Path) -> Path | None:
    """Put `copy` in the place of `path`, which is kept as `kept`; for who holds the lock."""
    fresh = path.with_name(f".{path.name}.restoring")
    try:
        shutil.copyfile(copy, fresh)
        _to_disk(fresh)
        was_there = path.exists() and path.stat().st_size > 0
        if was_there:
            _set_aside(path, kept)
        fresh.replace(path)
        return kept if was_there else None
    finally:
        fresh.unlink(missing_ok=True)


def _set_aside(path: Path, kept: Path) -> None:
    """Keep a copy of a database that is about to be replaced, with nothing of it left in a journal beside it."""
    with closing(sqlite3.connect(path)) as old, suppress(sqlite3.Error):  # damaged: kept as it is, its journal too
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in ("-wal", "-shm"):
        if (journal := path.with_name(path.name + suffix)).exists():
            journal.replace(kept.with_name(kept.name + suffix))
    shutil.copyfile(path, kept)
    _to_disk(kept)


def _restore_shared(address: str, dump: Path, keep: Path, now: datetime) -> Path:
    """A PostgreSQL's tables are replaced in one transaction; what was there is dumped first."""
    kept, url = keep / f"talk-{now:%Y%m%d-%H%M%S}.replaced.dump", parse_url(address)
    if version_of(address) is not None and _is_served(address, now):
        raise CannotOpen("还有机器人在用这个数据库：请先停掉它们")
    try:
        keep.mkdir(parents=True, exist_ok=True)
        with FileLock(keep / ".restore.lock").acquire(blocking=False):
            _run("pg_dump", "--format=custom", "--no-owner", f"--file={kept}", f"--dbname={_plain(url)}", url=url)
            _run(
                *("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"),
                *(f"--dbname={_plain(url)}", str(dump)),
                url=url,
            )
    except Timeout:
        raise CannotBackUp("另一次恢复正在进行；这一次什么都没有改动") from None
    except OSError as error:
        raise CannotBackUp(f"写不了 {keep}：{error.strerror or error}；什么都没有改动") from error
    return kept


def _is_served(address: str, now: datetime) -> bool:
    engine = look_into(address)
    try:
        with engine.connect() as connection:
            return bool(leases.at_work(connection, now - GONE))
    finally:
        engine.dispose()


def _plain(url: URL) -> str:
    """A PostgreSQL's address as its own programs read it; the password goes another way."""
    return url.set(drivername="postgresql", password=None).render_as_string()


def _run(*command: str, url: URL) -> None:
    """Run one of PostgreSQL's programs. Raises CannotBackUp."""
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the address is ours
            command, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except FileNotFoundError:
        raise CannotBackUp(f"这台机器没有 {command[0]}，先装上 PostgreSQL 的客户端（postgresql-client）") from None
    except subprocess.TimeoutExpired:
        raise CannotBackUp(f"{command[0]} 超过 {LONGEST} 秒没有结束") from None
    if done.returncode != 0:
        raise CannotBackUp(f"{command[0]} 没有成功：{done.stderr.strip().splitlines()[-1:] or [done.returncode]}")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
