"""Submitting and managing links: /news and the like, /mine, /edit, /add, /withdraw; Friday's reminder."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from nonebot.adapters.onebot.v11 import Bot
from nonebot.plugin import PluginMetadata

from db.enums import MessagePart
from db.queries import items
from plugins._chat.commands.call import Call, Reply
from plugins._chat.commands.notices import Recall, wait_for
from plugins._chat.commands.registry import Command, Takes, commands
from plugins._chat.incoming.message import Content, off_loop_if_long
from plugins._chat.outgoing import sending
from plugins._chat.service import Service, current_service
from plugins._talk.links.canonical import canonical, find_links
from plugins._talk.links.share import Share, Shared, once_each, read_shared
from plugins._talk.series import Section
from plugins._talk.usecases import either, submissions
from plugins._talk.usecases.desk import Refused
from plugins._talk.usecases.submissions import PICTURE_ALONE, Source
from plugins.submit import replies

__plugin_meta__ = PluginMetadata(
    name="投稿", description="收链接、提名，查看和修改自己的条目", usage="/版块 链接；/我的；/修改；/补充；/撤回"
)


@dataclass(frozen=True)
class _Sent:
    """What a message sends in: links with their words, the original if it passes one on, the addresses of pictures."""

    shared: Shared
    source: Source | None = None
    pictures: Sequence[str] = ()


async def submit(section: Section, call: Call, *, guessed: bool = False) -> Reply:
    """File the links of this message, or of the one it replies to; then wait for the page titles.

    `guessed`: nobody said that it belongs to this section, so the answer says how to change it.
    """
    sent = await _sent(section, call)
    if not sent.shared.shares:
        return call.usage()
    if "://" in call.argument and not any(share.link for share in sent.shared.shares):
        raise Refused("这个链接收不了：只收公开网站的 http(s) 链接，最长 2000 个字符")
    joined = await call.joined_where_asked()
    if sent.pictures:
        await call.rehearse(submissions.submit, section, sent.shared, sent.source, (), joined)
    fetched = await call.pictures(sent.pictures)
    if sent.pictures and not fetched.names and not call.argument and not any(each.link for each in sent.shared.shares):
        raise Refused("图片没能保存，这条没有存下。请重新发一次图片（10 MB 以内）")
    done = await call.desk(submissions.submit, section, sent.shared, sent.source, fetched.names, joined)
    await call.service.wait_for_pages(done.nameless)
    if done.nameless:
        done = await call.service.db.read(submissions.as_it_stands, done)
    return replies.submitted(done, call.service.series, fetched.missed, fetched.left_out, guessed=guessed)


async def submit_somewhere(call: Call) -> Reply:
    """File links in the section or category that is named first, else where they most likely belong."""
    series = call.service.series
    first, _, rest = call.argument.partition(" ")
    if section := series.section_called(first.rstrip(":：")):
        call.argument = rest
        return await submit(section, call)
    if section := next((each for each in series.submitting if each.category_called(first.rstrip(":："))), None):
        return await submit(section, call)
    found = find_links(call.argument) or find_links(" ".join(card.link.url for card in call.content.cards if card.link))
    if not found and call.content.reply_to is None:
        raise Refused(replies.which_section(series, call.argument))
    return await submit(series.likeliest(found[0].link.url if found else ""), call, guessed=True)


async def _sent(section: Section, call: Call) -> _Sent:
    """What this message sends in; without a link also that of the message that it replies to."""
    shared = await _read(call, section, call.content, call.argument)
    pictures = call.content.pictures
    if any(share.link for share in shared.shares):
        return _Sent(shared, pictures=pictures)
    if (
        call.content.reply_to is not None
        and call.event.reply is None
        and (links := await _known_links(call, call.content.reply_to))
    ):
        return _Sent(replace(shared, shares=links), pictures=pictures)
    quoted = await call.quoted()
    if quoted is None:
        return _Sent(_with_picture(shared, pictures), pictures=pictures)
    length = sum(len(said.text) for said in quoted.said)
    inside = [await _read(call, section, said, said.text, length) for said in quoted.said]
    links = once_each([share for each in inside for share in each.shares if share.link])
    note = shared.shares[0].note if shared.shares else ""
    own = quoted.author is None or quoted.author.qq == call.visit.qq
    shown = [url for said in quoted.said for url in said.pictures]
    if not links:
        source = None if own or not shown else Source(quoted.author, quoted.message_id)
        return _Sent(_with_picture(shared, [*pictures, *shown]), source, [*pictures, *shown])
    limit = call.service.series.limits.links_per_message
    shares = [replace(share, note=note or share.note) for share in links[:limit]] if own else links[:limit]
    left_out = max(0, len(links) - limit) + sum(each.left_out for each in inside)
    source = Source(quoted.author, quoted.message_id, "" if own else note)
    return _Sent(replace(shared, shares=shares, left_out=left_out), source, pictures)


def _with_picture(shared: Shared, pictures: Sequence[str]) -> Shared:
    """A picture without words is a submission, too."""
    if shared.shares or not pictures:
        return shared
    return replace(shared, shares=[Share(None, PICTURE_ALONE)])


async def _known_links(call: Call, message_id: int) -> list[Share]:
    """The links of items already filed from a message, which saves fetching the message."""
    known = await call.service.db.read(items.of_message, call.visit.group_id, message_id, MessagePart.BROUGHT)
    found = (canonical(item.url) for item in known if item.url)
    return [Share(link) for link in found if link]


async def _read(call: Call, section: Section, said: Content, text: str, length: int = 0) -> Shared:
    limit = call.service.series.limits.links_per_message
    return await off_loop_if_long(max(len(text), length), read_shared, text, section, limit, said.cards)


async def mine(call: Call) -> Reply:
    return replies.mine(await call.desk(submissions.mine), call.service.series)


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
    return replies.taken(await call.desk(either.take_back, call.meant))


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
        private=True,
        late=False,
        names=("我的条目", "我的投稿", "我的链接", "my"),
    ),
    Command(
        name="edit",
        alias="修改",
        usage="/edit #编号 [分类] <新的说明或链接>",
        help="改自己条目的分类、说明或链接",
        example="/edit #7 更清楚的说明",
        handler=edit,
        takes=Takes.ITEM | Takes.SOME_WORDS,
        names=("改", "编辑条目", "更新"),
        reply=re.compile(r"(?:说明|备注|简介)\s*[:：]\s*(?P<argument>\S.*)", re.DOTALL),
        undoable=True,
        host_help="改本期（负责人：本版块）任何一条，改的说明会署名",
    ),
    Command(
        name="add",
        alias="补充",
        usage="/add #编号 <链接、文字或图片>",
        help="给自己的条目补链接、文字或图片（回复那条消息就不用写编号）",
        example="/add #7 https://example.org/slides",
        handler=add,
        takes=Takes.ITEM | Takes.SOME_WORDS | Takes.PICTURES,
        names=("追加", "附加"),
        host_help="补充本期（负责人：本版块）任何一条，补的文字会署名",
    ),
    Command(
        name="withdraw",
        alias="撤回",
        usage="/withdraw #编号|Q编号…",
        help="撤回自己的条目、问题；回复一条回答、建议或收录的发言也行",
        example="/withdraw #7",
        handler=withdraw,
        takes=Takes.EITHER | Takes.SEVERAL,
        names=("删除", "删掉", "delete", "remove"),
        reply=re.compile(r"(?:撤回|撤掉|删除|删掉|删了|不要了)(?:这条|它)?(?:吧|了)?[。！!]?"),
    ),
    Command(
        name="submit",
        alias="投稿",
        usage="/submit [版块] <链接…> [说明]",
        help="投稿，不写版块就放到最合适的那个",
        example=SECTIONS[0].example.replace(f"/{SECTIONS[0].key} ", "/submit ", 1) if SECTIONS else "/submit https://…",
        handler=submit_somewhere,
        takes=Takes.LINKS,
        names=("链接", "分享", "发链接", "link", "share", "post"),
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
            takes=Takes.LINKS,
            names=(section.name,) if section.name.casefold() not in (section.key, section.short.casefold()) else (),
            shortcuts={word: word for each in section.categories for word in (each.name, *each.aliases)},
            headings=frozenset(word.casefold() for each in section.categories for word in (each.name, *each.aliases)),
            nominates=section.nominations,
        )
        for section in SECTIONS
    ),
    *COMMANDS,
)
