"""bot.py doctor: everything that may be wrong, each with its mend; from the running bot, else from the database."""

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from db.migrate import known_versions
from db.opening import look_into, version_of
from db.queries import chats
from db.refusals import CannotOpen
from plugins._chat.backups import age_finding
from plugins._chat.config import Settings
from plugins._operations.reading import read_all
from plugins._operations.starting import rehearse
from plugins._talk.deliveries.doctor import look_over
from plugins._talk.findings import Finding, Severity
from plugins._talk.problems import Problems
from plugins._talk.render.picture import missing_fonts
from plugins._talk.series import Series

PATIENCE = 8  # seconds for the running bot's answer
LITTLE = 200_000_000  # bytes of free disk


@dataclass
class Diagnosis:
    """The lines to print, and what was found."""

    lines: list[str] = field(default_factory=list[str])
    findings: list[Finding] = field(default_factory=list[Finding])

    @property
    def needs_somebody(self) -> bool:
        return any(each.is_error for each in self.findings)

    def printed(self) -> Iterator[str]:
        """First how things stand, then what is wrong, the worst last: that is where one looks."""
        yield from self.lines
        warnings = [each for each in self.findings if not each.is_error]
        errors = [each for each in self.findings if each.is_error]
        for title, found in (("可以留意：", warnings), ("要管：", errors)):
            if found:
                yield title
                yield from (f"  {each.said}\n    → {each.mend}" for each in found)
        yield "有事要人管，见上" if errors else "一切正常"


def diagnose(root: Path) -> Diagnosis:
    """Look at everything, as far as it can be looked at."""
    seen = Diagnosis()
    try:
        settings, series = read_all(root)
        rehearse(settings, series)
    except Problems as wrong:
        mend = "改好再来；启动前可以用 python bot.py check 看"
        seen.findings += [Finding("settings", problem, mend) for problem in wrong.problems]
        return seen
    except CannotOpen as error:
        seen.findings.append(Finding("settings", str(error), "改 .env 里的 DATABASE_URL"))
        return seen
    seen.lines.append(f"设置没有问题；群 {list(settings.groups)}；系列 {series.name}；数据 {settings.data}")
    seen.findings += _here(settings)
    served = _ask(settings, seen)
    try:
        _database(settings, series, seen, served=served)
    except CannotOpen as error:
        seen.findings.append(Finding("database", str(error), "看 DATABASE_URL 和磁盘；坏了就从备份恢复（restore）"))
    except DBAPIError as error:
        seen.findings.append(Finding("database", f"数据库打不开（{error.orig}）", "看 DATABASE_URL；数据库在不在跑"))
    return seen


def _here(settings: Settings) -> Iterator[Finding]:
    """What this machine lacks."""
    there = next(each for each in (settings.data, *settings.data.parents) if each.exists())
    free = shutil.disk_usage(there).free
    if free < LITTLE:
        yield Finding("disk", f"磁盘只剩 {free // 1_000_000} MB", "清理磁盘，或把 DATA_DIR 挪到大一点的盘")
    if missing := missing_fonts():
        yield Finding(
            "fonts", f"画图的字体不全：{'、'.join(missing)}", "重新下载程序（git checkout .）", Severity.WARNING
        )


def _ask(settings: Settings, seen: Diagnosis) -> bool:
    """Ask the running bot; whether there is one."""
    address = f"http://{settings.own_address}/health"
    token = {"Authorization": f"Bearer {settings.onebot_access_token}"} if settings.onebot_access_token else {}
    try:
        answer = _fetch(urllib.request.Request(address, headers=token))
        seen.findings += [Finding.of(each) for each in answer["findings"]]
        for each in answer["accounts"]:
            state = "在线" if each["online"] else "掉线了"
            seen.lines.append(f"账号 {each['account']}（{each['dialect']}）{state}")
    except (OSError, TimeoutError):
        start = "启动它：make run、systemctl start talk-bot 或 docker compose up -d；看它的日志"
        seen.findings.append(Finding("not_running", f"机器人没在运行（{settings.own_address} 没有回答）", start))
        return False
    except (ValueError, KeyError, TypeError):
        said = f"{settings.own_address} 上是别的程序，或旧版本的机器人"
        seen.findings.append(Finding("port", said, "停掉它，或在 .env 里换一个 PORT"))
        return False
    return True


def _fetch(request: urllib.request.Request) -> dict[str, Any]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=PATIENCE) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as failing:  # 503: it says what is wrong
        with failing:
            return json.load(failing)


def _database(settings: Settings, series: Series, seen: Diagnosis, *, served: bool) -> None:
    """What the database says."""
    version, known = version_of(settings.database), known_versions()
    if version is None or version != known[0]:
        seen.findings.append(_version(version, known, served=served))
        return
    now = datetime.now(UTC)
    engine = look_into(settings.database)
    try:
        with engine.connect() as connection:
            report = look_over(connection, series, now)
            since = chats.first_met(connection)
    finally:
        engine.dispose()
    codes = {each.code for each in seen.findings}
    seen.lines += [f"数据库 {engine.url}，版本 {version}", *report.lines]
    seen.findings += [each for each in report.findings if each.code not in codes]
    if not settings.sandbox and (old := age_finding(settings.data, settings.backups, since, now)):
        seen.findings.append(old)


def _version(version: str | None, known: Sequence[str], *, served: bool) -> Finding:
    if version is None:
        return Finding("database", "还没有数据库", "启动一次机器人就有了")
    if version not in known:
        said = f"数据库版本 {version} 比程序新"
        return Finding("newer", said, "更新程序；或 python bot.py restore 升级前的备份")
    mend = "重启机器人" if served else "下次启动会先备份，再自动升级"
    return Finding("older", f"数据库版本 {version} 比程序旧", mend, Severity.WARNING)
