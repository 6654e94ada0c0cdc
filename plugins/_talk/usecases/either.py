"""Commands for items and questions alike: voting, and taking back. Use cases for the desk."""

from collections.abc import Sequence

from db.enums import ItemState
from db.queries import discussion, questions, sections
from db.queries.items import ItemRow
from db.queries.questions import QuestionRow
from db.queries.sections import SuggestionRow
from plugins._talk.documents.item_titles import title_of
from plugins._talk.lifecycle import talk_name
from plugins._talk.usecases import choices, remarks, submissions
from plugins._talk.usecases.desk import Desk, EitherRef, ItemRef, QuestionRef, Refused
from plugins._talk.usecases.questions import vote as vote_for
from plugins._talk.usecases.remarks import TakenBack
from plugins._talk.usecases.submissions import Withdrawn

Ref = ItemRef | QuestionRef | EitherRef
Voted = tuple[QuestionRow, bool] | ItemRow  # a question, and whether the vote is new; or an item


def meant(desk: Desk, ref: Ref) -> ItemRef | QuestionRef:
    """Whether an item or a question is meant: whichever there is. Raises Refused when there are both."""
    if not isinstance(ref, EitherRef):
        return ref
    if ref.number is None:
        return _of_message(desk, ref)
    there = [each.number for each in desk.nearby] if ref.talk is None else [ref.talk]
    found = [item for talk in there if (item := desk.numbered(talk, ref.number)) and item.state == ItemState.LISTED]
    known = (questions.by_number(desk.connection, talk, ref.number) for talk in there)
    asked = [each for each in known if each and each.removed_at is None]
    if found and asked:
        item, question = found[0], asked[0]
        raise Refused(
            f"{ref.number} 有两个，写上 # 或 Q 再发一次：\n"
            f"{talk_name(item.talk)}#{item.number} {title_of(item)}\n"
            f"{talk_name(question.talk)}Q{question.number} {question.text[:60]}"
        )
    return QuestionRef(ref.number, ref.talk) if asked else ItemRef(ref.number, ref.talk)


def _of_message(desk: Desk, ref: EitherRef) -> ItemRef | QuestionRef:
    asked, said = discussion.of_message(desk.connection, desk.visit.group_id, ref.message_id or 0)
    return QuestionRef(message_id=ref.message_id) if asked or said else ItemRef(message_id=ref.message_id)


def vote(desk: Desk, refs: Sequence[Ref]) -> list[Voted]:
    """Vote for questions, and second items. Raises Refused."""
    each = [meant(desk, ref) for ref in refs]
    return [vote_for(desk, ref) if isinstance(ref, QuestionRef) else submissions.second(desk, ref) for ref in each]


def take_back(desk: Desk, refs: Sequence[Ref]) -> list[Withdrawn | TakenBack | SuggestionRow]:
    """Take back items, questions, answers, quotes or suggestions: all or none. Raises Refused."""
    taken: list[Withdrawn | TakenBack | SuggestionRow] = []
    own: list[ItemRef] = []
    for ref in refs:
        wish = None
        if ref.message_id is not None:
            wish = sections.suggestion_of(desk.connection, desk.visit.group_id, ref.message_id)
        if wish is not None:
            choices.take_back(desk, wish)
            taken.append(wish)
        elif isinstance(found := meant(desk, ref), QuestionRef):
            taken.append(remarks.take_back(desk, found))
        else:
            own.append(found)
    return [*submissions.withdraw(desk, own), *taken]
