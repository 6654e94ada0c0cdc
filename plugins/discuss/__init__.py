"""The discussion: /ask, /answer, /questions, /vote, and /quote, which stores a chat message."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from nonebot.adapters.onebot.v11 import Bot
from nonebot.plugin import PluginMetadata

from db.enums import LineKind
from db.queries import discussion
from db.queries.members import Person
from db.queries.remarks import LineRow
from plugins._chat.commands.call import Call, Quoted, Reply
from plugins._chat.commands.notices import Reaction, Recall, wait_for
from plugins._chat.commands.references import references
from plugins._chat.commands.registry import Command, Takes, Who, commands
from plugins._chat.incoming.message import Content
from plugins._chat.outgoing import sending
from plugins._chat.service import Service, current_service
from plugins._talk.render.discussion import taken_back
from plugins._talk.usecases import choices, either, questions, remarks
from plugins._talk.usecases.desk import QuestionRef, Refused
from plugins._talk.usecases.questions import Asked
from plugins._talk.usecases.remarks import Original
from plugins.discuss import replies

__plugin_meta__ = PluginMetadata(
    name="讨论", description="提问、回答、投票，把群里的讨论收进纪要", usage="/提问；/回答 Q3；/问题；/收录"
)


async def ask(call: Call) -> Reply:
    """File this message's text as a question; if it has none, the message that it replies to."""
    if call.argument:
        return replies.asked(await call.desk(questions.ask, call.argument, None, await call.joined_where_asked()))
    quoted = await call.quoted()
    if quoted is None or not quoted.own.text or quoted.author is None:
        return call.usage()
    asked = Asked(quoted.author, quoted.said_at, quoted.message_id)
    return replies.asked(await call.desk(questions.ask, quoted.own.text, asked, await call.joined_where_asked()))


async def answer(call: Call) -> Reply:
    """Store an answer: the sender's, or that of the member whom it @s first."""
    joined = await call.joined_where_asked()
    by, text = call.credited()
    if not text and not call.content.pictures:
        return call.usage()
    if call.content.pictures:
        await call.rehearse(remarks.answer, call.question, text or "图", (), joined, by)
    fetched = await call.pictures(call.content.pictures)
    if fetched.missed:
        raise Refused("图片没能保存，这条没有存下。请重新发一次图片（10 MB 以内）")
    return replies.answered(await call.desk(remarks.answer, call.question, text, fetched.names, joined, by))


async def talked_over(call: Call) -> Reply:
    by, text = call.credited()
    return replies.talked_over(await call.desk(remarks.talked_over, call.question, text, by))


async def show(call: Call) -> Reply:
    """All questions of a talk, or one with its answers."""
    number = re.fullmatch(r"0*(?P<talk>\d{3,9})\s*期?", call.argument)
    found = references(call.argument)[0] if number is None else []
    if found or call.content.reply_to is not None:
        ref = found[0] if found else QuestionRef(message_id=call.content.reply_to)
        return replies.one(*await call.desk(questions.one_of, QuestionRef(ref.number, ref.talk, ref.message_id)))
    return replies.listed(await call.desk(questions.listed, int(number[0]) if number else None))


async def vote(call: Call) -> Reply:
    return replies.voted(await call.desk(either.vote, call.meant))


async def suggest(call: Call) -> Reply:
    return replies.suggested(await call.desk(choices.suggest, call.argument, await call.joined_where_asked()))


async def quote(call: Call) -> Reply:
    """File the message that this one replies to, including its pictures, whose QQ URLs expire."""
    quoted = await call.quoted()
    if quoted is None:
        return call.usage()
    if quoted.author is None:
        raise Refused("这是我自己说的，不收录。回复群友的发言再发 /收录 吧")
    found, rest = references(call.argument)
    under = next((each for each in found if isinstance(each, QuestionRef)), None)
    headline, joined = rest if under else call.argument, await call.joined_where_asked()
    urls = [url for said in quoted.said for url in said.pictures]
    if urls:  # fetch the pictures only if the message may be filed
        there = _original(quoted, {})
        lines = there.lines or [LineRow(LineKind.TEXT, "图")]
        await call.rehearse(remarks.quote, replace(there, lines=lines), under, headline, joined)
    names = (await call.pictures(urls)).by_url
    original, missed = _original(quoted, names), sum(url not in names for url in urls)
    if not original.lines:
        raise Refused("图片没能保存，请再发一次 /收录" if missed else "那条消息里没有文字或图片，收不了")
    filed = await call.desk(remarks.quote, original, under, headline, joined)
    return replies.filed(filed, original.lines, missed, call.service.series)


def _original(quoted: Quoted, names: Mapping[str, str]) -> Original:
    """Convert a message to lines; `names` maps picture URLs to stored names."""
    lines = _texts(quoted.own, names)
    for told in quoted.inside:
        lines += [
            each._replace(speaker=told.speaker or None, said_at=told.said_at) for each in _texts(told.said, names)
        ]
    author = quoted.author or Person(0, "")
    return Original(quoted.message_id, author, quoted.said_at, lines)


def _texts(said: Content, names: Mapping[str, str]) -> list[LineRow]:
    shared = [
        " ".join(filter(None, [card.heading.title if card.heading else "", card.link.url]))
        for card in said.cards
        if card.link
    ]
    texts = [LineRow(LineKind.TEXT, each) for each in (said.text, *shared) if each]
    return [*texts, *(LineRow(LineKind.PICTURE, name) for url in said.pictures if (name := names.get(url)))]


async def reacted(service: Service, bot: Bot, reaction: Reaction) -> None:
    """Count a reaction to a question as a vote for it."""
    if any(str(reaction.by) == each.self_id for each in service.bots()):
        return
    asked: Sequence[int] = (await service.db.read(discussion.of_message, reaction.group_id, reaction.message_id))[0]
    if asked:
        await service.db.write(questions.react, service.rules, reaction.visit(service.now()), added=reaction.added)


async def recalled(service: Service, bot: Bot, recall: Recall) -> None:
    """Remove what a recalled message added to the discussion."""
    taken = await service.db.write(remarks.recalled, recall.group_id, recall.message_id, recall.operator, service.now())
    await _tell(service, bot, recall, taken_back(taken.questions, taken.remarks, "随消息撤回"))


async def wish_recalled(service: Service, bot: Bot, recall: Recall) -> None:
    """Remove a suggestion whose message was recalled."""
    wish = await service.db.write(choices.recalled, recall.group_id, recall.message_id)
    await _tell(service, bot, recall, replies.unsaid(wish) if wish else "")


async def _tell(service: Service, bot: Bot, recall: Recall, said: str) -> None:
    if said and not service.series.reactions.quiet and service.accounts.may_speak(bot, recall.group_id):
        await sending.say(bot, recall.group_id, sending.to_message(said))


wait_for(Reaction, reacted)
wait_for(Recall, recalled)
wait_for(Recall, wish_recalled)


SUGGESTED = current_service().series.sections[-1].short
TALKING = current_service().series.talking
PLACE = f"留到 {TALKING} 聊" if TALKING else "到时候聊"
COMMANDS = (
    Command(
        name="ask",
        alias="提问",
        usage="/ask <问题>",
        help=f"提一个问题，{PLACE}（回复别人的提问也行）",
        example="/ask 有什么好的入门资料？",
        handler=ask,
        basic=2,
        names=("问", "提个问题", "question"),
    ),
    Command(
        name="answer",
        alias="回答",
        usage="/answer Q编号 [@谁说的] <回答>",
        help="回答一个问题，署你的（或 @ 的那位的）名字；回复那个问题就不用写编号",
        example="/answer Q3 从官方教程开始就好",
        handler=answer,
        takes=Takes.QUESTION | Takes.SOME_WORDS | Takes.PICTURES,
    ),
    Command(
        name="questions",
        alias="问题",
        usage="/questions [Q编号|期号]",
        help="看大家的问题和回答，票多的在前",
        example="/questions Q2",
        handler=show,
        late=False,
        names=("问题列表", "问答"),
    ),
    Command(
        name="covered",
        alias="聊过",
        usage="/covered Q编号 [@谁说的] [一句话]",
        help="记下这个问题当场聊过了，不再带去下期（提问的人也能发）",
        example="/covered Q5 从小的做起",
        handler=talked_over,
        who=Who.HOST,
        takes=Takes.QUESTION,
        names=("聊过了", "答过", "讲过"),
        undoable=True,
    ),
    Command(
        name="vote",
        alias="投票",
        usage="/vote Q编号|#编号…",
        help="也想听这个问题、条目或提名（给那条提问贴个表情也行）",
        example="/vote Q3",
        handler=vote,
        takes=Takes.EITHER | Takes.SEVERAL,
        names=("支持", "赞成"),
    ),
    Command(
        name="suggest",
        alias="建议",
        usage="/suggest <版块> <建议>",
        help="给版块提个建议，放进建议区（撤回消息就收回）",
        example=f"/suggest {SUGGESTED} 专门做一期数据专题",
        handler=suggest,
        takes=Takes.SOME_WORDS,
    ),
    Command(
        name="quote",
        alias="收录",
        usage="/quote [Q编号] [标题]",
        help="回复一条发言、图片或聊天记录，把它收进讨论",
        example="/quote Q3 大家怎么看",
        handler=quote,
    ),
)
commands.add(*COMMANDS)
