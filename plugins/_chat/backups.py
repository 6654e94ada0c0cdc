"""Backups that the running bot makes every night, and the ones that are there."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from nonebot import logger

from db.archive import back_up
from db.refusals import CannotBackUp, CannotOpen
from plugins._chat.service import Service
from plugins._chat.version import VERSION
from plugins._talk.findings import Finding, Severity
from plugins._talk.series import Series

NIGHT = 4  # o'clock in the series' zone: from then on the day's backup is due
NIGHTLY = "talk-*.zip"
OLD = timedelta(days=2)


def folder_of(data: Path) -> Path:
    """Where backups are kept."""
    return data / "backups"


def nightly(data: Path) -> list[Path]:
    """The nightly backups, the newest first."""
    return sorted(folder_of(data).glob(NIGHTLY), reverse=True)


def series_files(series: Series, file: Path | None) -> dict[str, Path]:
    """The series' own files by their names in a backup."""
    template = series.texts.template
    return {
        **({"series.toml": file} if file else {}),
        **({f"template/{template.name}": template} if template else {}),
    }


async def back_up_nightly(service: Service) -> None:
    """Make the day's backup if it is due, and delete the oldest beyond the number that is kept.

    In a thread: the copy is made in pieces, beside the writer.
    """
    local = service.now().astimezone(service.series.zone)
    target = folder_of(service.data) / f"talk-{local:%Y-%m-%d}.zip"
    if not service.backups or local.hour < NIGHT or target.exists():
        return
    try:
        await asyncio.to_thread(
            back_up, service.database, target, series_files(service.series, service.series_file), VERSION, service.now()
        )
        for old in nightly(service.data)[service.backups :]:
            old.unlink(missing_ok=True)
        service.backup_findings = ()
        logger.info(f"backed up to {target.name}")
    except (CannotBackUp, CannotOpen, OSError) as error:
        service.backup_findings = (Finding("backup", str(error), "腾出磁盘，或改 DATA_DIR；BACKUPS=0 就不备份"),)
        logger.error(f"the nightly backup failed: {error}")


def age_finding(data: Path, kept: int, database_since: datetime | None, now: datetime) -> Finding | None:
    """Whether the last nightly backup is too old, or there should be one by now."""
    newest = next((datetime.fromtimestamp(each.stat().st_mtime, now.tzinfo) for each in nightly(data)), None)
    since = newest or database_since
    if not kept or since is None or now - since < OLD:
        return None
    said = f"上一份备份是 {newest:%Y-%m-%d} 的" if newest else "还没有备份"
    return Finding("backup_old", said, "python bot.py backup 备一份；看日志里为什么没有备", Severity.WARNING)
