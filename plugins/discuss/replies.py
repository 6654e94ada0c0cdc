"""Reply texts about the discussion."""

from collections.abc import Sequence

from db.enums import LineKind
from db.queries.items import ItemRow
from db.queries.questions import QuestionRow
from db.queries.remarks import LineRow
from db.queries.sections import SuggestionRow
from db.queries.talks import TalkRow
from plugins._chat.commands.call import Reply
from plugins._talk.documents.item_titles import title_of
from plugins._talk.lifecycle import talk_name
from plugins._talk.render.discussion import called, short
from plugins._talk.series import Series
from plugins._talk.usecases.choices import Suggested
from plugins._talk.usecases.remarks import Filed

LISTED = 10


def asked(question: QuestionRow) -> Reply:
    where = f"{talk_name(question.talk)}Q{question.number}"
    hint = "回复这条发 /回答 就能答；也想知道的贴个表情"
    return Reply(f"{where} 记下了：{short(question.text)}\n{hint}", questions=[question.id])


def answered(filed: Filed) -> Reply:
    question = filed.question
    if question is None:  # an answer always has one
        return Reply("收到")
    several = f"（第 {question.answers} 个）" if question.answers > 1 else ""
    where = f"{talk_name(filed.remark.talk)}Q{question.number}"
    return Reply(
        f"{where} 收到 {filed.remark.author.name} 的回答{several}：{short(question.text)}",
        plain=True,
        questions=[question.id],
        remarks=[filed.remark.id],
    )


def listed(talk: TalkRow, found: Sequence[QuestionRow]) -> Reply:
    """The unanswered questions, most voted first, and the numbers of the others."""
    name = talk_name(talk.number)
    if not found:
        return Reply(f"{name} 期还没有问题。发 /提问 加问题，来第一个吧")
    waiting = [each for each in found if not each.answers]
    done = [each for each in found if each.answers]
    rows = [
        f"Q{each.number}{f'（{each.votes} 票）' if each.votes else ' '}{short(each.text)} —— {each.asker.name}"
        for each in waiting[:LISTED]
    ]
    if len(waiting) > LISTED:
        rows.append("还有 " + " ".join(f"Q{each.number}" for each in waiting[LISTED:]))
    if done:
        rows.append("已有回答：" + " ".join(f"Q{each.number}" for each in sorted(done, key=lambda each: each.number)))
    head = f"{name} 期等着回答的问题（{len(waiting)} 个）：" if waiting else f"{name} 期的问题都有回答了"
    return Reply("\n".join([head, *rows, "回答发 /回答 Q编号 …，也想知道就发 /投票 Q编号"]))


def voted(question: QuestionRow, new: bool) -> Reply:
    where = f"{talk_name(question.talk)}Q{question.number}"
    said = f"{where} +1，现在 {question.votes} 票" if new else f"你已经给 {where} 投过了，现在 {question.votes} 票"
    return Reply(f"{said}：{short(question.text)}", plain=new, questions=[question.id])


def seconded(item: ItemRow) -> Reply:
    said = f"{talk_name(item.talk)}#{item.number} 记下你也推荐：{title_of(item)}"
    return Reply(said, about=[item.id], plain=True)


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
    return Reply("\n".join(rows), remarks=[remark.id])


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
