"""bot.py backup and restore, and the backup before an upgrade."""

import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from db.archive import Archive, back_up, look_into_archive, restore
from db.migrate import known_versions
from db.opening import version_of
from db.refusals import CannotBackUp
from plugins._chat.backups import folder_of, nightly, series_files
from plugins._chat.config import Settings
from plugins._chat.version import VERSION
from plugins._talk.series import Series


def make(settings: Settings, series: Series, file: Path | None) -> Archive:
    """Back up beside a running bot. Raises CannotBackUp or CannotOpen."""
    now = datetime.now(UTC)
    local = now.astimezone(series.zone)
    target = file or folder_of(settings.data) / f"{local:%Y%m%d-%H%M%S}.zip"
    return back_up(settings.database, target.absolute(), series_files(series, settings.series_file), VERSION, now)


def before_upgrade(settings: Settings, series: Series) -> Path | None:
    """Back up a database of an older version before it is upgraded; returns where (None: nothing to do).

    Raises CannotBackUp or CannotOpen.
    """
    version = version_of(settings.database)
    if version is None or version not in known_versions()[1:]:
        return None
    target = folder_of(settings.data) / f"before-upgrade-{version}.zip"
    if target.exists():
        target.replace(target.with_suffix(f".{int(target.stat().st_mtime)}.zip"))
    return make(settings, series, target).path


def newest(settings: Settings) -> Path | None:
    """The backup that was made last, of those that this program can restore."""
    there = [*folder_of(settings.data).glob("before-upgrade-*.zip"), *nightly(settings.data)]
    return next((each for each in sorted(there, key=_made, reverse=True) if _is_good(each)), None)


def _made(file: Path) -> float:
    return file.stat().st_mtime


def _is_good(file: Path) -> bool:
    try:
        look_into_archive(file)
    except CannotBackUp:
        return False
    return True


def put_back(settings: Settings, file: Path) -> list[str]:
    """Restore from a backup; returns what to tell the operator. Raises CannotBackUp or CannotOpen."""
    archive, now = look_into_archive(file), datetime.now(UTC)
    kept = restore(settings.database, archive, folder_of(settings.data), now)
    told = [f"恢复好了：{file.name}（{archive.made_at:%Y-%m-%d %H:%M} UTC，程序 {archive.program}）"]
    told += [f"原来的数据库留在 {kept}"] if kept else []
    told += _series(settings, archive, now)
    return [*told, "现在启动机器人：群里已经发过的不会再发一遍"]


def _series(settings: Settings, archive: Archive, now: datetime) -> list[str]:
    """Put the backup's series beside the present one, or in its place if there is none."""
    file = settings.series_file
    if file is None or "series.toml" not in archive.files:
        return []
    try:
        with zipfile.ZipFile(archive.path) as source:
            written = source.read("series.toml")
            if file.exists() and file.read_bytes() == written:
                return []
            target = file.with_suffix(f".{now:%Y%m%d-%H%M%S}.toml") if file.exists() else file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(written)
            for name in (each for each in archive.files if each.startswith("template/")):
                template = target.parent / Path(name).name
                if not template.exists():
                    with source.open(name) as read, template.open("wb") as write:
                        shutil.copyfileobj(read, write)
    except OSError as error:
        raise CannotBackUp(f"数据库恢复好了，系列文件没写成：{error.strerror or error}") from error
    return [f"备份里的系列写到了 {target}" + ("，和现在用的不一样" if target != file else "")]
