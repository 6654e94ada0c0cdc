"""Submitting and managing links: /news and the like, /mine, /edit, /add, /withdraw; Friday's reminder."""

from dataclasses import replace
from functools import partial

from nonebot.adapters.onebot.v11 import Bot
from nonebot.plugin import PluginMetadata

from db.enums import MessagePart
from db.queries import items
from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.notices import Recall, wait_for
from plugins._chat.commands.registry import Command, Takes, commands, item_refs
from plugins._chat.incoming.message import Content, off_loop_if_long
from plugins._chat.outgoing import sending
from plugins._chat.service import Service, current_service
from plugins._talk.links.canonical import canonical, find_links
from plugins._talk.links.share import Share, Shared, once_each, read_shared
from plugins._talk.render.discussion import taken_back
from plugins._talk.series import Section
from plugins._talk.usecases import choices, remarks, submissions
from plugins._talk.usecases.desk import Refused
from plugins._talk.usecases.submissions import Source
from plugins.submit import replies

__plugin_meta__ = PluginMetadata(
    name="投稿", description="收链接、提名，查看和修改自己的条目", usage="/版块 链接；/我的；/修改；/补充；/撤回"
)


async def submit(section: Section, call: Call) -> Reply:
    """File the links of this message, or of the one it replies to; then wait for the page titles."""
    shared, source = await _shared(section, call)
    if not shared.shares:
        return call.usage()
    if "://" in call.argument and not any(share.link for share in shared.shares):
        raise Refused("这个链接收不了：只收公开网站的 http(s) 链接，最长 2000 个字符")
    joined = await call.joined_where_asked()
    if call.content.pictures:
        await call.rehearse(submissions.submit, section, shared, source, (), joined)
    fetched = await call.pictures(call.content.pictures)
    done = await call.desk(submissions.submit, section, shared, source, fetched.names, joined)
    await call.service.wait_for_pages(done.nameless)
    if done.nameless:
        done = await call.service.db.read(submissions.as_it_stands, done)
    return replies.submitted(done, call.service.series, fetched.missed, fetched.left_out)


async def _shared(section: Section, call: Call) -> tuple[Shared, Source | None]:
    """The links of this message; if it has none, those of the message that it replies to."""
    shared = await _read(call, section, call.content, call.argument)
    if any(share.link for share in shared.shares):
        return shared, None
    if (
        call.content.reply_to is not None
        and call.event.reply is None
        and (links := await _known_links(call, call.content.reply_to))
    ):
        return replace(shared, shares=links), None
    if (quoted := await call.quoted()) is None:
        return shared, None
    length = sum(len(said.text) for said in quoted.said)
    inside = [await _read(call, section, said, said.text, length) for said in quoted.said]
    links = once_each([share for each in inside for share in each.shares if share.link])
    if not links:
        return shared, None
    limit = call.service.series.limits.links_per_message
    note = shared.shares[0].note if shared.shares else ""
    own = quoted.author is None or quoted.author.qq == call.visit.qq
    shares = [replace(share, note=note or share.note) for share in links[:limit]] if own else links[:limit]
    left_out = max(0, len(links) - limit) + sum(each.left_out for each in inside)
    return replace(shared, shares=shares, left_out=left_out), Source(
        quoted.author, quoted.message_id, "" if own else note
    )


async def _known_links(call: Call, message_id: int) -> list[Share]:
    """The links of items already filed from a message, which saves fetching the message."""
    known = await call.service.db.read(items.of_message, call.visit.group_id, message_id, MessagePart.BROUGHT)
    found = (canonical(item.url) for item in known if item.url)
    return [Share(link) for link in found if link]


async def _read(call: Call, section: Section, said: Content, text: str, length: int = 0) -> Shared:
    limit = call.service.series.limits.links_per_message
    return await off_loop_if_long(max(len(text), length), read_shared, text, section, limit, said.cards)


async def mine(call: Call) -> Reply:
    return replies.mine(*await call.desk(submissions.mine), call.service.series)


async def edit(call: Call) -> Reply:
    item = await call.desk(submissions.edit, call.item, call.argument, await call.joined_where_asked())
    call.service.read_pages()
    return replies.edited(item)


async def add(call: Call) -> Reply:
    joined = await call.joined_where_asked()
    if call.content.pictures:
        await call.rehearse(submissions.add, call.item, call.argument, (), joined)
    fetched = await call.pictures(call.content.pictures)
    if fetched.missed:
        raise Refused("图片没能保存，这条没有补充上。请重新发一次图片（10 MB 以内）")
    added = await call.desk(submissions.add, call.item, call.argument, fetched.names, joined)
    call.service.read_pages()
    return replies.added(added, fetched.left_out)


async def withdraw(call: Call) -> Reply:
    if call.question.number is not None or await call.replies_to_discussion():
        taken = await call.desk(remarks.take_back, call.question)
        return Reply(taken_back(taken.questions, taken.remarks, "已撤回"))
    if call.content.reply_to is not None and await call.replies_to_wish():
        return replies.unwished(await call.desk(choices.take_back, call.content.reply_to))
    return replies.withdrawn(await call.desk(submissions.withdraw, item_refs(call.argument, call.item)))


def _categories(section: Section) -> str:
    return f"[{'|'.join(each.name for each in section.categories)}] " if section.categories else ""


async def recalled(service: Service, bot: Bot, recall: Recall) -> None:
    """Withdraw the items of a recalled message; say so in the group, as the bot's confirmation stays visible."""
    taken = await service.db.write(
        submissions.recalled, recall.group_id, recall.message_id, recall.author, recall.operator, service.now()
    )
    if taken and not service.series.reactions.quiet and service.accounts.may_speak(bot, recall.group_id):
        await sending.say(bot, recall.group_id, sending.to_message(replies.withdrawn(taken, "随消息撤回").text))


wait_for(Recall, recalled)
find_links("")  # warm-up: the first call is slow
SECTIONS = current_service().series.submitting
COMMANDS = (
    Command(
        name="mine",
        alias="我的",
        usage="/mine",
        help="看自己在本期的条目和编号",
        example="/mine",
        handler=mine,
        basic=2,
        private=True,
        late=False,
    ),
    Command(
        name="edit",
        alias="修改",
        usage="/edit #编号 [分类] <新的说明或链接>",
        help="改自己条目的分类、说明或链接",
        example="/edit #7 LongLLaMA：256k 上下文",
        handler=edit,
        takes=Takes.ITEM | Takes.SOME_WORDS,
    ),
    Command(
        name="add",
        alias="补充",
        usage="/add #编号 <链接、文字或图片>",
        help="给自己的条目补链接、文字或图片（回复那条消息就不用写编号）",
        example="/add #7 https://arxiv.org/abs/2307.03170",
        handler=add,
        takes=Takes.ITEM | Takes.SOME_WORDS | Takes.PICTURES,
    ),
    Command(
        name="withdraw",
        alias="撤回",
        usage="/withdraw #编号|Q编号",
        help="撤回自己的条目、问题；回复一条回答、建议或收录的发言也行",
        example="/withdraw #7",
        handler=withdraw,
        takes=Takes.EITHER,
    ),
)
commands.add(
    *(
        Command(
            name=section.key,
            alias=section.short,
            usage=f"/{section.key} {_categories(section)}<链接…> [说明]",
            help=f"{'投稿或提名' if section.nominations else '投稿'}到{section.name}",
            example=section.example,
            handler=partial(submit, section),
            basic=1 if section is SECTIONS[0] else None,
        )
        for section in SECTIONS
    ),
    *COMMANDS,
)
