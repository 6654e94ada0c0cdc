"""`python -m bench.worst KIND`: the megabytes that drawing an agenda adds at its worst, with one kind of text."""

import sys
from dataclasses import replace
from pathlib import Path

from sqlalchemy import create_engine

from db.models import Base
from db.queries.members import Person
from db.queries.sections import SuggestionRow
from plugins._talk.documents.agenda import Agenda, AgendaItem, Second
from plugins._talk.documents.discussion import Discussion, Thread
from plugins._talk.series_file import load_series
from plugins._talk.usecases.desk import Rules
from tests.people import Clock
from tests.talk.desks import Lobby
from tests.talk.worst_cases import PAGE, compiled, one_item

TEXTS = {
    "Chinese": "一口气说了很多话没有停顿" * 200,
    "emoji": "👩‍💻👨‍👩‍👧‍👦🇨🇳🙏🏽" * 200,
    "one long word": "x" * 2000,
    "rare scripts": "꧁༺龘𰻝𠮷" * 300,
}


def endless(text: str, count: int) -> Agenda:
    """An agenda of `count` of everything, each as long as can be."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        small = compiled(Lobby(connection, Rules.of(load_series(), 4), Clock()), one_item)
    engine.dispose()
    person = Person(1, text[:60])
    some = next(item for section in small.sections for item in section.items)

    def item(number: int) -> AgendaItem:
        long = {"title": text[:300], "source": text[:600], "note": text, "seconds": (Second(person, ""),) * 100}
        return replace(some, id=number, number=number, submitter=person, via=person, **long)

    sections = [
        replace(
            section,
            theme=text[:60],
            groups=() if section.open else ((None, tuple(item(number) for number in range(count))),),
            suggestions=tuple(SuggestionRow(section.key, text[:500], person) for _ in range(count)),
        )
        for section in small.sections
    ]
    threads = tuple(Thread(number, number, text, person, 3, (), True) for number in range(count))
    return replace(small, sections=tuple(sections), discussion=Discussion(threads))


def main(name: str) -> None:
    from plugins._talk.render.picture import agenda_picture

    agenda = endless(TEXTS[name], 200)
    Path("/proc/self/clear_refs").write_text(
        "5"
    )  # the peak begins here (source: proc(5)); a child inherits its parent's
    before = _peak()
    agenda_picture(agenda, 100, PAGE)
    print((_peak() - before) // 1024)


def _peak() -> int:
    """The most memory that this process had, in KB (source: proc(5), VmHWM)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    main(sys.argv[1])
