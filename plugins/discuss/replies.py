"""Reply texts about the discussion."""

from collections.abc import Sequence

from db.enums import LineKind
from db.queries.items import ItemRow
from db.queries.questions import QuestionRow
from db.queries.remarks import LineRow, RemarkRow
from db.queries.sections import SuggestionRow
from plugins._chat.commands.call import Reply
from plugins._talk.documents.item_titles import title_of
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.discussion import called, short
from plugins._talk.render.pieces import pieces
from plugins._talk.series import Series
from plugins._talk.usecases.choices import Suggested
from plugins._talk.usecases.either import Voted
from plugins._talk.usecases.questions import Listed
from plugins._talk.usecases.remarks import Filed

LISTED = 10
ANSWERED = 8


def asked(question: QuestionRow) -> Reply:
    talk = talk_name(question.talk)
    where, logged = f"{talk}Q{question.number}", f"{talk} Q{question.number} filed"
    hint = "回复这条发 /回答 就能答；也想知道的贴个表情"
    return Reply(f"{where} 记下了：{short(question.text)}\n{hint}", questions=[question.id], logged=logged)


def answered(filed: Filed) -> Reply:
    question = filed.question
    if question is None:  # an answer always has one
        return Reply("收到")
    several = f"（第 {question.answers} 个）" if question.answers > 1 else ""
    remark = filed.remark
    via = f"（{remark.filed_by.name} 转）" if remark.filed_by != remark.author else ""
    return Reply(
        f"{_where(filed)} 收到 {remark.author.name} 的回答{via}{several}：{short(question.text)}",
        plain=True,
        questions=[question.id],
        remarks=[remark.id],
        logged=f"{talk_name(question.talk)} answer to Q{question.number} filed",
    )


def _where(filed: Filed) -> str:
    question = filed.question
    return f"{talk_name(question.talk)}Q{question.number}" if question else f"{talk_name(filed.remark.talk)} 期"


def talked_over(filed: Filed) -> Reply:
    question = filed.question
    what = short(question.text) if question else ""
    return Reply(
        f"{_where(filed)} 当场聊过了，不再带去下期：{what}",
        questions=[question.id] if question else [],
        remarks=[filed.remark.id],
    )


def listed(found: Listed) -> Reply:
    """The open questions, most voted first, then those with an answer and how it begins."""
    name = talk_name(found.talk.number)
    if not found.questions:
        return Reply(f"{name} 期还没有问题。发 /提问 加问题，来第一个吧")
    waiting = [each for each in found.questions if each.is_open]
    done = sorted((each for each in found.questions if not each.is_open), key=lambda each: each.number)
    rows = [
        f"Q{each.number}{f'（{each.votes} 票）' if each.votes else ' '}{short(each.text)} —— {each.asker.name}"
        for each in waiting[:LISTED]
    ]
    if len(waiting) > LISTED:
        rows.append("还有 " + " ".join(f"Q{each.number}" for each in waiting[LISTED:]))
    rows += ["已经聊到的："] if done else []
    rows += [f"Q{each.number} {short(each.text, 30)}{_gist_of(found, each)}" for each in done[:ANSWERED]]
    rows += ["还有 " + " ".join(f"Q{each.number}" for each in done[ANSWERED:])] if len(done) > ANSWERED else []
    head = f"{name} 期等着回答的问题（{len(waiting)} 个）：" if waiting else f"{name} 期的问题都有回答了"
    hints = [
        *(["回答发 /回答 Q编号 …", "也想知道就发 /投票 Q编号"] if waiting else []),
        *(["看全文发 /问题 Q编号"] if done else []),
    ]
    return Reply("\n".join([head, *rows, "，".join(hints)]))


def _gist_of(found: Listed, question: QuestionRow) -> str:
    """How the first answer to a question begins, and who gave it."""
    if question.id not in found.answers:
        return "（当场聊过）"
    remark, lines = found.answers[question.id]
    more = f" 等 {question.answers} 个" if question.answers > 1 else ""
    return f" → {_gist(lines)}（{remark.author.name}{more}）"


def one(question: QuestionRow, said: Sequence[tuple[RemarkRow, Sequence[LineRow]]]) -> Reply:
    """A question with all that was said to it, as long as a message may be."""
    votes = f"，{question.votes} 票" if question.votes else ""
    rows = [f"{talk_name(question.talk)}Q{question.number} {question.text} —— {question.asker.name}{votes}"]
    for remark, lines in said:
        texts = [f"{line.speaker}：{line.body}" if line.speaker else line.body for line in lines if line.kind == "text"]
        pictures = sum(line.kind == LineKind.PICTURE for line in lines)
        rows += [*texts, *([f"（图 {pictures} 张）"] if pictures else []), f"—— {remark.author.name}"]
    if not said:
        rows.append("（当场聊过）" if question.aired else f"还没有回答。发 /回答 Q{question.number} …")
    first, *rest = pieces(rows)
    more = f"\n…… 太长了，完整的在 /纪要 里（还有 {len(rest)} 段）" if rest else ""
    return Reply(f"{first}{more}", questions=[question.id], remarks=[])


def voted(done: Sequence[Voted]) -> Reply:
    """What was voted for, a line each."""
    rows: list[str] = []
    about: list[int] = []
    asked: list[int] = []
    new = True
    for each in done:
        if isinstance(each, ItemRow):
            rows.append(f"{talk_name(each.talk)}#{each.number} 记下你也推荐：{title_of(each)}")
            about.append(each.id)
            continue
        question, is_new = each
        where, new = f"{talk_name(question.talk)}Q{question.number}", new and is_new
        said = f"{where} +1，现在 {question.votes} 票"
        rows.append(
            f"{said if is_new else f'你已经给 {where} 投过了，现在 {question.votes} 票'}：{short(question.text)}"
        )
        asked.append(question.id)
    return Reply("\n".join(rows), plain=new, about=about, questions=asked)


def filed(done: Filed, lines: Sequence[LineRow], missed: int, series: Series) -> Reply:
    """Confirm whose message was filed where, and tell its author how to withdraw it."""
    remark = done.remark
    clock = f"{remark.said_at.astimezone(series.zone):%m-%d %H:%M}"
    where = f"Q{done.question.number}" if done.question else " 期讨论"
    what = remark.headline or _gist(lines)
    verb = "早就收进" if done.known else "收进"
    rows = [f"{remark.author.name} {clock} 的{called(remark)}{verb}了 {talk_name(remark.talk)}{where}：{what}"]
    if missed:
        rows.append(f"有 {missed} 张图片没能保存")
    rows.append("本人不想留的话，回复这条发 /撤回")
    return Reply("\n".join(rows), remarks=[remark.id], logged=f"{talk_name(remark.talk)} {remark.kind} filed")


def _gist(lines: Sequence[LineRow]) -> str:
    texts = [line.body for line in lines if line.kind == LineKind.TEXT]
    pictures = len(lines) - len(texts)
    if any(line.speaker for line in lines):
        return f"聊天记录 {len(lines)} 条"
    return short(texts[0], 40) if texts else f"{pictures} 张图片"


def suggested(done: Suggested) -> Reply:
    return Reply(
        f"{talk_name(done.talk)} 期{done.section.name}的建议区记下了：{short(done.body)}", plain=True, wishes=[done.id]
    )


def unsaid(wish: SuggestionRow) -> str:
    """Confirm that a suggestion was removed because its message was recalled."""
    return f"{wish.by.name} 的建议随消息撤回：{short(wish.body)}"
