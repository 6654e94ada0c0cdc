"""What people mean by a day and a time.

`now` is Tuesday 2026-11-24, 10:00 in Shanghai; the talk is on Saturday at 21:00.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins._talk.calendar.clock_times import NoDate, Unclear
from plugins._talk.calendar.spoken import read_moment

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
周二 早上9:00                 | 2026-12-01 09:00 |
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
下周日 晚上12点 停电          | 2026-12-07 00:00 | 停电
下周日 凌晨12点               | 2026-12-06 00:00 |
下周日 凌晨1点半              | 2026-12-06 01:30 |
下周日 中午1点                | 2026-12-06 13:00 |
下周日 中午12点半             | 2026-12-06 12:30 |
下周日 晚上1点                | 2026-12-07 01:00 |
下周日 半夜12点               | 2026-12-07 00:00 |
下周日 9:15 pm 有事           | 2026-12-06 21:15 | 有事
下周日 8:30pm                 | 2026-12-06 20:30 |
下周日 12:30am                | 2026-12-06 00:30 |
下周日 12:30PM                | 2026-12-06 12:30 |
下周日 8pm                    | 2026-12-06 20:00 |
下周日 8点半 p.m.             | 2026-12-06 20:30 |
下周日 20点3刻 有事           | 2026-12-06 20:45 | 有事
下周日 二十点三刻             | 2026-12-06 20:45 |
下周日 8点两刻pm              | 2026-12-06 20:30 |
下周日 早上8:30               | 2026-12-06 08:30 |
下周日 下午12点               | 2026-12-06 12:00 |
下周日 24:00                  | 2026-12-07 00:00 |
周五晚8点 换场地              | 2026-11-27 20:00 | 换场地
明晚九点半                    | 2026-11-25 21:30 |
8:30pm 下周日 有事            | 2026-12-06 20:30 | 有事
下周日 20:30 3个人来不了      | 2026-12-06 20:30 | 3个人来不了
12-05 8:30pm                  | 2026-12-05 20:30 |
12-05 at 8:30pm               | 2026-12-05 20:30 |
12-05T20:30                   | 2026-12-05 20:30 |
2026-12-05 20:30:00 有事      | 2026-12-05 20:30 | 有事
12月5日 周六 20:30            | 2026-12-05 20:30 |
12-05（周六）20:30 换场地     | 2026-12-05 20:30 | 换场地
下周日（12-06）晚八点         | 2026-12-06 20:00 |
12-05 周日嘉宾才到            | 2026-12-05 21:00 | 周日嘉宾才到
12-05 3 位嘉宾来不了          | 2026-12-05 21:00 | 3 位嘉宾来不了
12-05 2 场撞车                | 2026-12-05 21:00 | 2 场撞车
12-05 分享人没准备好          | 2026-12-05 21:00 | 分享人没准备好
"""


@pytest.mark.parametrize(
    "words",
    [
        *("8:30", "08:00", "3点", "0:30", "八点半", "8点3刻", "9点半", "9:00", "11:00"),  # which half of the day?
        *("2030", "20.30", "8.30pm", "21h", "8", "noon", "evening", "半夜", "下午", "早上", "20:30 晚上 8:30"),
        *("推迟一小时", "晚半小时", "+1小时", "往后 30 分钟", "周五 20:30", "（周五）"),
        *("13:00am", "20:30pm", "下午8:30pm", "上午15点", "凌晨9点", "早上1点", "晚上15点", "25点", "20:75", "傍晚2点"),
        *(
            "20:30-22:00",
            "20:30到22:00",
            "20点或21点",
            "差一刻九点",
            "20:30 pm 有事",
            "20点 9点",
            "20：",
            "晚上 8",
            "20:3",
        ),
    ],
)
def test_a_time_is_meant_or_asked_about_and_never_a_reason(words: str) -> None:
    for said in (f"下周日 {words}", f"12-06 {words} 有事", f"2026-12-06 {words}"):
        try:
            meant = read_moment(said, NOW, USUAL)
        except Unclear as question:
            assert (
                "20:30" in str(question)
                or "是几点" in str(question)
                or "还是" in str(question)
                or "只写一个日期" in str(question)
            )
        else:
            raise AssertionError(f"{said}: {meant}")


def test_a_morning_series_is_not_asked_about_its_mornings() -> None:
    assert f"{read_moment('下周日 8:30', NOW, USUAL.replace(hour=10)).moment:%H:%M}" == "08:30"


@pytest.mark.parametrize(
    ("words", "clock"),
    [("下周四", "15:00"), ("下周四 下午", "15:00"), ("下周四 9:30", "09:30"), ("下周四 16:00", "16:00")],
)
def test_an_afternoon_series(words: str, clock: str) -> None:
    assert f"{read_moment(words, NOW, USUAL.replace(hour=15)).moment:%H:%M}" == clock


@pytest.mark.parametrize("words", ["3点", "4:30", "8:00", "晚上", "8:30 晚上"])
def test_an_afternoon_series_asks_too(words: str) -> None:
    with pytest.raises(Unclear):
        read_moment(f"下周四 {words}", NOW, USUAL.replace(hour=15))


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
