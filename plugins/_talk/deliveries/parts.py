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
class Image:
    """A picture: an agenda or a timeline that is drawn when it is sent, or the name of a stored file."""

    caption: str
    of: Agenda | Timeline | str


@dataclass(frozen=True)
class Whisper:
    """A private message to these people."""

    to: Sequence[Person]
    text: str


Part = Rich | Forward | Image | Whisper
BESIDE = (Image, Whisper)  # optional parts: a delivery counts as sent when only these failed
