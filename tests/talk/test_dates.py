"""What people mean by a day and a time.

`now` is Tuesday 2026-11-24, 10:00 in Shanghai; the talk is on Saturday at 21:00.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins._talk.dates import NoDate, read_moment

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 10, tzinfo=ZONE)
USUAL = datetime(2026, 11, 28, 21, tzinfo=ZONE)

MEANT = """
下周日 20:30 主持人出差       | 2026-12-06 20:30 | 主持人出差
下周日                        | 2026-12-06 21:00 |
12-05                         | 2026-12-05 21:00 |
12-05 20:30                   | 2026-12-05 20:30 |
2026-12-05                    | 2026-12-05 21:00 |
2026/12/5 19:00 场地          | 2026-12-05 19:00 | 场地
2026年12月5日晚上8点半 有事   | 2026-12-05 20:30 | 有事
12月5号，嘉宾航班取消         | 2026-12-05 21:00 | 嘉宾航班取消
十二月五日 晚八点             | 2026-12-05 20:00 |
周日                          | 2026-11-29 21:00 |
本周日晚上                    | 2026-11-29 21:00 |
周二                          | 2026-11-24 21:00 |
周二 9:00                     | 2026-12-01 09:00 |
星期天                        | 2026-11-29 21:00 |
下个周日下午三点              | 2026-12-06 15:00 |
下下周六                      | 2026-12-12 21:00 |
下周                          | 2026-12-05 21:00 |
今晚 22：00                   | 2026-11-24 22:00 |
明晚8点一刻                   | 2026-11-25 20:15 |
后天                          | 2026-11-26 21:00 |
大后天                        | 2026-11-27 21:00 |
30日                          | 2026-11-30 21:00 |
5号                           | 2026-12-05 21:00 |
3天后                         | 2026-11-27 21:00 |
两周后                        | 2026-12-08 21:00 |
20:30 下周日                  | 2026-12-06 20:30 |
改到下周日吧                  | 2026-12-06 21:00 | 吧
1-3 元旦                      | 2027-01-03 21:00 | 元旦
"""


@pytest.mark.parametrize("row", MEANT.strip().split("\n"))
def test_what_people_mean(row: str) -> None:
    words, moment, rest = (each.strip() for each in row.split("|"))
    meant = read_moment(words, NOW, USUAL)
    assert (f"{meant.moment:%Y-%m-%d %H:%M}", meant.rest) == (moment, rest)
    assert meant.moment.tzinfo == ZONE
    assert meant.year_said == words.startswith("2026")


@pytest.mark.parametrize(
    "words", ["", "改一下", "02-30", "13-01", "31日 25:00", "主持人出差", "30:00 周日", "2026-02-29"]
)
def test_what_is_no_date(words: str) -> None:
    with pytest.raises(NoDate):
        read_moment(words, datetime(2026, 11, 1, tzinfo=ZONE) if words.startswith("31") else NOW, USUAL)


@pytest.mark.parametrize(
    ("said", "words", "day"),
    [("2027-06-10", "02-29", "2028-02-29"), ("2026-11-01", "31日", "2026-12-31"), ("2026-12-31", "1号", "2027-01-01")],
)
def test_the_next_day_of_that_name_that_there_is(said: str, words: str, day: str) -> None:
    now = datetime.fromisoformat(said).replace(tzinfo=ZONE)
    assert str(read_moment(words, now, USUAL).moment.date()) == day


@given(st.datetimes(datetime(2023, 1, 1), datetime(2030, 1, 1)), st.integers(0, 300))  # noqa: DTZ001
def test_a_written_date_is_read_back(naive: datetime, days: int) -> None:
    now = naive.replace(tzinfo=ZONE)
    day = (now + timedelta(days=days)).date()
    for written in (f"{day}", f"{day:%Y年%m月%d日}", f"{day:%m-%d}", f"{day:%m月%d日}", f"{day.month}/{day.day}"):
        assert read_moment(f"{written} 20:30 因为", now, USUAL).moment.date() == day


@given(st.text(alphabet="下本这周星期日天一二十0123456789:：点半-/月号 后明今晚因", max_size=12))
def test_nothing_else_is_ever_raised(words: str) -> None:
    try:
        meant = read_moment(words, NOW, USUAL)
    except NoDate:
        return
    assert meant.moment.tzinfo == ZONE
