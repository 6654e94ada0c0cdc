"""The discussion of a talk, compiled: questions, answers and quotes, separated by whether the talk was live."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db.enums import LineKind, RemarkKind, TalkState
from db.queries import questions, remarks
from db.queries.members import Person
from db.queries.questions import QuestionRow
from db.queries.remarks import LineRow, RemarkRow
from db.queries.talks import TalkRow
from plugins._talk.series import Series


@dataclass(frozen=True)
class Line:
    """A text; `speaker` is the sender's name when it comes from a merged forward."""

    text: str
    speaker: str | None


@dataclass(frozen=True)
class Statement:
    """An answer or a quote, signed, in the series' zone; `pictures` are file names.

    `via` is who typed somebody else's answer.
    """

    author: Person
    via: Person | None
    said_at: datetime
    is_answer: bool
    headline: str | None
    lines: tuple[Line, ...]
    pictures: tuple[str, ...]


@dataclass(frozen=True)
class Thread:
    """A question with its answers and quotes; or, without a number, a single quote that belongs to no question.

    `id` is the question's; it is `open` until somebody answers it, in whatever talk, or it had a turn in an evening.
    """

    id: int | None
    number: int | None
    question: str
    asker: Person | None
    votes: int
    said: tuple[Statement, ...]
    open: bool


@dataclass(frozen=True)
class Discussion:
    """`online` (线上讨论): threads with a message between start and end; `in_group` (群里讨论): all others."""

    online: tuple[Thread, ...] = ()
    in_group: tuple[Thread, ...] = ()

    @property
    def threads(self) -> tuple[Thread, ...]:
        return (*self.online, *self.in_group)

    @property
    def waiting(self) -> list[Thread]:
        """The questions that nobody has answered, the most wanted first."""
        asked = [thread for thread in self.threads if thread.number is not None and thread.open]
        return sorted(asked, key=lambda thread: (-thread.votes, thread.number))


def compile_discussion(connection: Connection, series: Series, talk: TalkRow) -> Discussion:
    """The current discussion of a talk; once it was held, without unanswered questions from earlier talks."""
    lines = remarks.lines_of_talk(connection, talk.number)
    under: dict[int | None, list[RemarkRow]] = {}
    for remark in remarks.of_talk(connection, talk.number):
        under.setdefault(remark.question, []).append(remark)
    online: list[Thread] = []
    in_group: list[Thread] = []
    for question in questions.of_talk(connection, talk.number):
        below = under.get(question.id, [])
        if below or question.first or (question.is_open and talk.state in (TalkState.COLLECTING, TalkState.LIVE)):
            was_live = _was_live(talk, [*([question.asked_at] if question.first else []), *(r.said_at for r in below)])
            (online if was_live else in_group).append(_thread(question, [_said(r, lines, series) for r in below]))
    for remark in under.get(None, []):
        alone = Thread(None, None, "", None, 0, (_said(remark, lines, series),), False)
        (online if _was_live(talk, [remark.said_at]) else in_group).append(alone)
    return Discussion(tuple(online), tuple(in_group))


def _was_live(talk: TalkRow, moments: Sequence[datetime]) -> bool:
    if talk.state == TalkState.COLLECTING:
        return False
    return any(talk.clock_zero <= moment and (talk.ended_at is None or moment <= talk.ended_at) for moment in moments)


def _thread(question: QuestionRow, said: Sequence[Statement]) -> Thread:
    return Thread(
        id=question.id,
        number=question.number,
        question=question.text,
        asker=question.asker,
        votes=question.votes,
        said=tuple(said),
        open=question.is_open and not said,
    )


def _said(remark: RemarkRow, lines: dict[int, list[LineRow]], series: Series) -> Statement:
    mine = lines.get(remark.id, [])
    is_answer = remark.kind == RemarkKind.ANSWER
    return Statement(
        remark.author,
        remark.filed_by if is_answer and remark.filed_by != remark.author else None,
        remark.said_at.astimezone(series.zone),
        is_answer,
        remark.headline,
        tuple(Line(each.body, each.speaker) for each in mine if each.kind == LineKind.TEXT),
        tuple(each.body for each in mine if each.kind == LineKind.PICTURE),
    )
