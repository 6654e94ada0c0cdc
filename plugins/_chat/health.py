"""How the running bot is: database, clock, accounts, what is overdue, disk and backups; and who is told of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from nonebot import logger

from db.engine import Unavailable
from db.queries import troubles
from plugins._chat.outgoing import sending
from plugins._chat.service import Service
from plugins._talk.deliveries import doctor
from plugins._talk.findings import Finding, Severity

PATIENCE = 3.0  # seconds for the database, and for an account's implementation
LONGEST_BEAT = 180.0  # seconds between two ticks of the clock, which ticks once a minute
LITTLE = 200_000_000  # bytes of free disk


@dataclass(frozen=True)
class Connected:
    """An account that is connected: its implementation, and whether it is logged in to QQ."""

    account: str
    dialect: str
    online: bool


async def look(service: Service) -> Sequence[Finding]:
    """What is wrong at present."""
    found = [*_clock(service), *_accounts(service), *_disk(service), *service.backup_findings]
    try:
        found += await asyncio.wait_for(service.db.read(doctor.overdue, service.now()), PATIENCE)
    except (Unavailable, TimeoutError) as error:
        why = str(error) or "没有回答"
        found.insert(0, Finding("database", f"数据库用不了（{why[:80]}）", "看磁盘和 DATABASE_URL；不行就从备份恢复"))
    return found


def _clock(service: Service) -> list[Finding]:
    found: list[Finding] = []
    if service.monotonic() - service.ticked_at > LONGEST_BEAT:
        found.append(Finding("clock_stopped", "时钟停了：没有在看有什么要发", "重启机器人，把日志交给作者"))
    if not service.timekeeping.is_right():
        minutes = round(service.timekeeping.difference() / timedelta(minutes=1))
        said = f"这台机器的时钟和群里差 {minutes} 分钟：不自动开场、收场、发提醒"
        found.append(Finding("clock_wrong", said, "校准系统时间（timedatectl set-ntp true）"))
    return found


def _accounts(service: Service) -> list[Finding]:
    if not service.bots():
        return [
            Finding("nobody_connected", "没有账号连着", "看 NapCat、LLBot 在不在跑，网络配置里的地址和 token 对不对")
        ]
    if not service.accounts.online():
        offline = "、".join(sorted(service.accounts.offline))
        return [Finding("account_offline", f"账号 {offline} 掉线了", "在 NapCat、LLBot 里重新登录")]
    silent = [str(group) for group in service.groups if service.accounts.speaker(group) is None]
    if silent:
        said = f"群 {'、'.join(silent)} 里没有能说话的账号（被禁言，或不在群里）"
        return [Finding("muted", said, "请群管理解除禁言，或把账号拉进群", Severity.WARNING)]
    return []


def _disk(service: Service) -> list[Finding]:
    try:
        free = service.free_space(service.data if service.data.exists() else service.data.parent)
    except OSError:
        return []
    if free >= LITTLE:
        return []
    return [Finding("disk", f"磁盘只剩 {free // 1_000_000} MB", "清理磁盘，或把 DATA_DIR 挪到大一点的盘")]


async def accounts(service: Service) -> Sequence[Connected]:
    """The connected accounts, and what their implementations call themselves."""
    asked = (sending.attempt(bot, "get_version_info") for bot in service.bots())
    try:
        answers = await asyncio.wait_for(asyncio.gather(*asked), PATIENCE)
    except TimeoutError:
        answers = []
    said = [answer.data or {} for answer in answers] or [{}] * len(service.bots())
    return [
        Connected(
            account=bot.self_id,
            dialect=" ".join(str(data[name]) for name in ("app_name", "app_version") if data.get(name)) or "?",
            online=bot.self_id not in service.accounts.offline,
        )
        for bot, data in zip(service.bots(), said, strict=False)
    ]


# What the superusers are told: not what only a connection could tell them, nor what is told of each delivery already.
_TOLD = ("disk", "backup", "holidays", "sections")


async def tell(service: Service) -> None:
    """Tell the superusers of what the bot cannot mend, once, and once again when it is well."""
    try:
        found = [*await look(service), *await service.db.read(doctor.upcoming, service.series, service.now())]
        wrong = {each.code: each for each in found if each.code in _TOLD}
        known = await service.db.read(troubles.open_now)
        for code in wrong.keys() - known.keys():
            said = f"{wrong[code].said}。{wrong[code].mend}"
            await service.db.write(troubles.begin, code, said, service.now())
        for code in known.keys() & set(_TOLD) - wrong.keys():
            await service.db.write(troubles.end, code, f"好了：{_CALLED[code]}又正常了", service.now())
    except Unavailable as error:
        logger.error(f"what is wrong could not be looked up: {error}")


_CALLED = {"disk": "磁盘", "backup": "备份", "holidays": "放假安排", "sections": "版块"}
