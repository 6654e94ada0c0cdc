"""The order of an evening and its clock, whatever the agenda and whatever the host does."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from db.queries.members import Person
from db.queries.turns import TurnRow
from plugins._talk.documents.agenda import Agenda, AgendaItem, AgendaSection
from plugins._talk.documents.chapters import chapters, clock
from plugins._talk.documents.discussion import Discussion
from plugins._talk.documents.running_order import SHORTEST, Evening, Stop, minutes

NINE = datetime(2026, 11, 28, 13, 0, tzinfo=UTC)
SOMEBODY = Person(1, "林溪")


def item(number: int) -> AgendaItem:
    said = f"第 {number} 条"
    return AgendaItem(
        id=number,
        number=number,
        title=said,
        headline=said,
        called=said,
        titled=True,
        source="",
        url=None,
        note="",
        submitter=SOMEBODY,
        via=None,
        links=(),
        texts=(),
        pictures=(),
        seconds=(),
        pinned=False,
        nominated=False,
        picked=False,
        chosen=False,
        passed_on=False,
        rounds=1,
        rank=None,
        edited_by=None,
    )


def section(key: str, length: int, items: list[AgendaItem]) -> AgendaSection:
    ends = NINE if length else None
    groups = ((None, tuple(items)),) if items else ()
    return AgendaSection(
        key=key,
        name=key,
        optional=False,
        open=False,
        minutes=length,
        begins=NINE,
        ends=ends,
        leads=(),
        wanted=0,
        groups=groups,
        presents=0,
        theme=None,
        suggestions=(),
    )


def agenda_of(*sections: AgendaSection) -> Agenda:
    return Agenda(
        series="读书会",
        number=4,
        scheduled_at=NINE,
        place="",
        hosts=(),
        editors=(),
        sections=sections,
        open_roles=(),
        host_role="主持人",
        editor_role="编辑",
        submit="/新闻",
        highlights=(),
        discussion=Discussion(),
    )


@st.composite
def agendas(draw: st.DrawFn) -> Agenda:
    number, sections = 0, list[AgendaSection]()
    for key in "abcd"[: draw(st.integers(1, 4))]:
        count = draw(st.integers(0, 12))
        items = [item(number + n) for n in range(1, count + 1)]
        sections.append(section(key, draw(st.sampled_from([0, 5, 10, 15])), items))
        number += count
    return agenda_of(*sections)


def move(evening: Evening, stop: Stop | None, now: datetime) -> Evening:
    """The evening after its clock went on to `stop` (None: the opening)."""
    ended = [turn._replace(ended_at=turn.ended_at or now) for turn in evening.turns]
    left = Evening(evening.agenda, ended)
    until = left.until(stop, now) if stop else None
    key, of = (stop.section.key, stop.item.id if stop.item else None) if stop else (None, None)
    return Evening(
        evening.agenda,
        [
            *ended,
            TurnRow(
                position=len(ended),
                section=key,
                item=of,
                began_at=now,
                set_at=now,
                until=until,
                ended_at=None,
                granted=0,
            ),
        ],
    )


@given(agendas(), st.lists(st.integers(15, 900), max_size=60))
def test_going_on_covers_everything_once_and_ends(agenda: Agenda, waits: list[int]) -> None:
    evening, now = move(Evening(agenda, []), None, NINE), NINE
    seen: list[Stop] = []
    while (stop := evening.ahead) is not None:
        assert stop not in seen
        seen.append(stop)
        now += timedelta(seconds=waits[len(seen) % len(waits)] if waits else 60)
        evening = move(evening, stop, now)
        until = evening.turns[-1].until
        assert (until is None) == (stop.section.minutes == 0)
    assert seen == evening.stops
    assert evening.missed == []
    assert sorted(each.number for each in evening.covered) == [
        each.number for part in agenda.sections for each in part.items
    ]


@given(agendas(), st.data())
def test_however_the_host_jumps_nothing_that_was_not_on_is_covered(agenda: Agenda, data: st.DataObject) -> None:
    evening, now = move(Evening(agenda, []), None, NINE), NINE
    on: set[int] = set()
    for _ in range(data.draw(st.integers(0, 10))):
        now += timedelta(seconds=data.draw(st.integers(15, 3000)))
        choice = data.draw(st.sampled_from(evening.stops))
        on |= {each.id for each in ([choice.item] if choice.item else choice.section.items)}
        evening = move(evening, choice, now)
        assert evening.current == choice
        if (ahead := evening.ahead) is not None:
            assert evening.stops.index(ahead) > evening.stops.index(choice)
    assert {each.id for each in evening.covered} == on
    assert {each.id for each in evening.missed} == {each.id for part in agenda.sections for each in part.items} - on


@given(st.integers(1, 7), st.integers(0, 900))
def test_items_share_what_is_left_of_their_section(count: int, wait: int) -> None:
    """Who keeps to the time leaves all others theirs; the last one's is the section's end."""
    only = section("a", 15, [item(n) for n in range(count)])
    agenda = agenda_of(only)
    evening, now = move(Evening(agenda, []), None, NINE), NINE + timedelta(seconds=wait)
    end = now + timedelta(minutes=15)
    while (stop := evening.ahead) is not None:
        evening = move(evening, stop, now)
        until = evening.turns[-1].until
        assert until is not None
        assert until - now >= SHORTEST or until == end
        assert abs((evening.section_until(only, now) or NINE) - end) < timedelta(milliseconds=1)
        now = until
    assert abs(now - end) < timedelta(milliseconds=1)


@given(agendas(), st.integers(-4000, 4000))
def test_chapters_begin_at_zero_and_go_up(agenda: Agenda, offset: int) -> None:
    evening, now = move(Evening(agenda, []), None, NINE), NINE
    while (stop := evening.ahead) is not None:
        now += timedelta(seconds=70)
        evening = move(evening, stop, now)
    found = chapters(evening, NINE, offset)
    assert found[0].seconds == 0
    assert [each.seconds for each in found] == sorted(each.seconds for each in found)
    assert len(found) <= len(evening.turns)
    if offset >= 0:
        assert found[0].title == "开场"
        assert [each.seconds - offset for each in found[1:]] == [70 * n for n in range(1, len(evening.turns))]


def test_times_as_people_say_them() -> None:
    assert [clock(each) for each in (0, 9, 610, 3599, 3600, 36_610)] == [
        "00:00", "00:09", "10:10", "59:59", "1:00:00", "10:10:10",
    ]  # fmt: skip
    assert [minutes(timedelta(seconds=each)) for each in (-5, 0, 1, 89, 91, 600)] == [0, 0, 1, 1, 2, 10]
