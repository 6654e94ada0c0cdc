"""The discussion as plain text, for chat messages and for the agenda's discussion section."""

from collections.abc import Iterable

from db.enums import RemarkKind
from db.queries.questions import QuestionRow
from db.queries.remarks import RemarkRow
from plugins._talk.documents.discussion import Discussion, Statement, Thread
from plugins._talk.foreign_text import shortened
from plugins._talk.lifecycle import talk_name

SHOWN = 60
_CALLED = {RemarkKind.ANSWER: "回答", RemarkKind.QUOTE: "发言"}


def short(text: str, most: int = SHOWN) -> str:
    """The beginning of what somebody wrote, on one line."""
    return shortened(text, most)


def called(remark: RemarkRow) -> str:
    return _CALLED[RemarkKind(remark.kind)]


def taken_back(questions: Iterable[QuestionRow], remarks: Iterable[RemarkRow], how: str) -> str:
    """One line for each removed question and remark; `how` is the verb, such as `已撤回`."""
    rows = [f"{talk_name(each.talk)}Q{each.number} {how}：{short(each.text)}" for each in questions]
    rows += [f"{each.author.name} 的{called(each)}{how}，没有留底" for each in remarks]
    return "\n".join(rows)


def asked(thread: Thread) -> str:
    """A question with its number, asker and votes."""
    votes = f"，{thread.votes} 票" if thread.votes else ""
    return f"Q{thread.number} {thread.question} —— {thread.asker.name if thread.asker else ''}{votes}"


def signature(said: Statement) -> str:
    """The author of a statement; for a quote also its time."""
    if said.via is not None:
        return f"{said.author.name}（{said.via.name} 转）"
    return said.author.name if said.is_answer else f"{said.author.name}，{said.said_at:%m-%d %H:%M}"


def blocks(discussion: Discussion) -> list[str]:
    """The threads, each as a block of lines that should not be split, with headings."""
    found: list[str] = []
    for heading, threads in (("线上讨论", discussion.online), ("群里讨论", discussion.in_group)):
        if threads and discussion.online:
            found.append(f"\n◆ {heading}")
        found += ["\n".join(_thread(thread)) for thread in threads]
    return found


def _thread(thread: Thread) -> list[str]:
    rows = [asked(thread)] if thread.number is not None else []
    for said in thread.said:
        rows += [said.headline] if said.headline else []
        rows += [f"{line.speaker}：{line.text}" if line.speaker else line.text for line in said.lines]
        rows.append(f"{f'（附图 {len(said.pictures)} 张）' if said.pictures else ''}—— {signature(said)}")
    return rows
