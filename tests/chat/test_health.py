"""What the bot cannot mend is told to the superusers, once, and again when it is well; and it backs up every night."""

from pathlib import Path

import pytest

from plugins._chat import backups, health
from plugins._chat.service import Service
from tests.chat.evening import Evening
from tests.people import XU, Clock


async def told(evening: Evening, word: str) -> list[str]:
    """What the superuser was told of it, an hour later."""
    for _ in range(6):
        await health.tell(evening.service)
        await evening.later(minutes=10)
    return [each for each in evening.told(XU) if word in each]


async def test_told_once_and_again_when_it_is_well(evening: Evening) -> None:
    full, well = "磁盘只剩 1 MB。清理磁盘，或把 DATA_DIR 挪到大一点的盘", "好了：磁盘又正常了"
    evening.service.free_space = lambda _path: 1_000_000
    assert await told(evening, "磁盘") == [full]
    evening.service.free_space = lambda _path: 10**12
    assert await told(evening, "磁盘") == [full, well]
    evening.service.free_space = lambda _path: 1_000_000
    assert await told(evening, "磁盘") == [full, well, full]


@pytest.fixture
def nightly(service: Service, tmp_path: Path) -> Service:
    service.data, service.backups, service.database = tmp_path / "data", 3, f"sqlite:///{tmp_path}/talk.db"
    return service


async def test_one_a_night_and_the_newest_are_kept(nightly: Service, clock: Clock) -> None:
    for _ in range(4 * 24):
        await backups.back_up_nightly(nightly)
        clock.forward(hours=1)
    assert [each.name for each in backups.nightly(nightly.data)] == [f"talk-2026-11-{day}.zip" for day in (27, 26, 25)]
    nightly.backups = 0
    clock.forward(days=1)
    await backups.back_up_nightly(nightly)
    assert len(backups.nightly(nightly.data)) == 3


async def test_a_backup_that_cannot_be_made_is_told(nightly: Service, evening: Evening, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    evening.clock.forward(days=1)
    await backups.back_up_nightly(nightly)
    (wrong,) = await told(evening, "备份")
    assert wrong.startswith("备份写不了 ")
    (tmp_path / "data").unlink()
    await backups.back_up_nightly(nightly)
    assert await told(evening, "备份") == [wrong, "好了：备份又正常了"]
