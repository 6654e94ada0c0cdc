"""An agenda or minutes as JSON, for other programs. People are given by name only: QQ numbers are private."""

import json
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from db.queries.members import Person
from db.queries.sections import SuggestionRow
from plugins._talk.documents.agenda import Agenda
from plugins._talk.documents.minutes import Minutes
from plugins._talk.documents.warnings import warnings_of
from plugins._talk.render.rendered import Rendered
from plugins._talk.series import Series


def agenda_json(agenda: Agenda) -> Rendered[str]:
    """`/talks/004.json`; moments are ISO 8601 with their offset."""
    return Rendered(document_json(agenda), warnings_of(agenda))


def minutes_json(minutes: Minutes) -> Rendered[str]:
    """`/talks/004/minutes.json`: the agenda is a part of it."""
    return Rendered(document_json(minutes), warnings_of(minutes.agenda, minutes.timeline))


def document_json(document: object) -> str:
    """Any document made of frozen dataclasses and tuples; people by name."""
    return json.dumps(_plain(document), ensure_ascii=False)


def _plain(value: object) -> Any:
    if isinstance(value, Person):
        return value.name
    if isinstance(value, SuggestionRow):  # without its id
        return {"body": value.body, "by": value.by.name}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if is_dataclass(value):
        kept = {each.name: getattr(value, each.name) for each in fields(value)}
        return {name: _plain(each) for name, each in kept.items() if not isinstance(each, Series)}
    if isinstance(value, tuple) and (names := getattr(type(cast(object, value)), "_fields", None)):
        return {name: _plain(getattr(cast(object, value), name)) for name in names}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in cast(tuple[object, ...], value)]
    return value
