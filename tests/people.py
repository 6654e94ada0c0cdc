"""The people of the tests' group, and a clock that stands where it is put."""

from datetime import UTC, datetime, timedelta

from plugins._onebot.group import Account

GROUP = 612_345_678
BOT = Account(3_001_234_567, "小助手")
SECOND = Account(3_001_234_568, "小助手二号")
LINXI = Account(1_580_012_345, "林间小鹿", "林溪")
AKAI = Account(1_029_384_756, "CatGPT", "阿凯")
MOMO = Account(1_733_210_987, "Momo", "Momo", "admin")
XU = Account(2_200_456_789, "老徐", "老徐", "owner")
SUC = Account(1_600_000_016, "suc16", "suc16")
XIANYU = Account(1_600_000_017, "羡鱼智能", "羡鱼")
CHUQI = Account(1_600_000_018, "初七", "初七")
PEOPLE = {each.card: each for each in (LINXI, AKAI, MOMO, XU, SUC, XIANYU, CHUQI)}

MONDAY = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # noon in Shanghai; the talk is on Saturday the 28th


class Clock:
    """A clock that moves only when told."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)
