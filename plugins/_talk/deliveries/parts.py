"""What a delivery consists of: text, merged forwards, pictures, private messages."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.queries.members import Person
from plugins._talk.documents.agenda import Agenda
from plugins._talk.documents.timeline import Timeline
from plugins._talk.render.chat import Node
from plugins._talk.render.rich import Rich


@dataclass(frozen=True)
class Forward:
    """A merged forward."""

    nodes: Sequence[Node]


@dataclass(frozen=True)
class Picture:
    """A talk's agenda or an evening's timeline, drawn when it is sent; or one that was kept, by its file's name."""

    caption: str
    of: Agenda | Timeline | str


@dataclass(frozen=True)
class Whisper:
    """Something that only these people are told, in private."""

    to: Sequence[Person]
    text: str


Part = Rich | Forward | Picture | Whisper
BESIDE = (Picture, Whisper)  # the other parts say it all: without these a delivery has arrived all the same
