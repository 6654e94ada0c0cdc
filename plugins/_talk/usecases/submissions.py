"""Submitting items, and editing or withdrawing one's own. Use cases for the desk."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Connection

from db.enums import AttachmentKind, ItemState, MessagePart, TitleSource
from db.queries import attachments, counts, items, members, supporters, talks
from db.queries.items import ItemRow
from db.queries.members import Person
from plugins._talk.lifecycle import talk_name
from plugins._talk.links import advertising
from plugins._talk.links.canonical import KEY_VERSION, Link, find_links
from plugins._talk.links.prose import without_links
from plugins._talk.links.share import Share, Shared, read_shared
from plugins._talk.series import Section
from plugins._talk.usecases import merging
from plugins._talk.usecases.admission import must_be_welcome, must_fit, sent_lately
from plugins._talk.usecases.desk import Desk, ItemRef, Refused

PICTURE_ALONE = "（图片）"  # what an item says of which there is only a picture


class LinkStatus(Enum):
    """Why a submitted link is not new."""

    OWN = "the sender's own item has it"
    OTHERS = "somebody else's has it: the sender seconds it"
    EARLIER = "an earlier talk had it"
    REJECTED = "it was turned down in this talk"


@dataclass(frozen=True)
class Known:
    """A link that is known already, and the item that has it."""

    url: str
    item: ItemRow
    status: LinkStatus


@dataclass(frozen=True)
class Source:
    """The original of a message that is passed on: author (None: unknown), message id, and the visitor's comment."""

    author: Person | None
    message_id: int
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """The result of submitting one message. `before`: for accepted items whose link an earlier talk had, that item.

    `turned_down` are items rejected by the advertising rules; `left_out` counts links beyond the limit. `later`: while
    another talk is live.
    """

    talk: int
    section: Section
    accepted: Sequence[ItemRow]
    known: Sequence[Known]
    turned_down: Sequence[ItemRow]
    left_out: int
    later: bool = False
    before: dict[int, ItemRow] = field(default_factory=dict[int, ItemRow])

    @property
    def told(self) -> list[int]:
        """The ids of the items that the reply mentions."""
        return [item.id for item in [*self.accepted, *(each.item for each in self.known), *self.turned_down]]

    @property
    def nameless(self) -> list[str]:
        """The keys of accepted links without title and note, whose names must come from their pages."""
        return [item.key for item in self.accepted if item.key and not item.title and not item.note]


def submit(
    desk: Desk,
    section: Section,
    shared: Shared,
    source: Source | None = None,
    pictures: Sequence[str] = (),
    joined: datetime | None = None,
) -> Submission:
    """File what a message shares in a section of the collecting talk.

    With a `source` its author is credited, and the visitor as 'via'; the visitor's comment stays under their own name.
    `pictures` (file names in the store) are attached to the first item. `joined` is when the visitor joined the group,
    None when that was not looked up. Raises Refused.
    """
    words = [*(share.note for share in shared.shares), source.comment if source else ""]
    _fits(desk, *words)
    must_be_welcome(desk, *words)
    author = members.upsert_member(desk.connection, *source.author) if source and source.author else desk.member
    gate = _Gate(desk, joined)
    _room_for_pictures(desk, desk.talk.number, len(pictures))
    accepted: list[ItemRow] = []
    turned_down: list[ItemRow] = []
    known: list[Known] = []
    for sent in shared.shares:
        share = replace(sent, link=merging.resolve_short(desk.connection, sent.link)) if sent.link else sent
        if met := _met(desk, share, author, again=shared.again):
            known.append(met)
            continue
        if why := gate.refusal(share.link):
            before = items.rejected(desk.connection, desk.talk.number, share.link.key) if share.link else None
            if before is not None and share.link is not None:
                known.append(Known(share.link.url, before, LinkStatus.REJECTED))
            else:
                turned_down.append(_file(desk, section, share, shared.category, author, why))
        else:
            accepted.append(_file(desk, section, share, shared.category, author))
    _must_have_fitted(desk, section, [*accepted, *turned_down])
    for picture in pictures if accepted else ():
        _attach(desk, accepted[0], AttachmentKind.PICTURE, picture)
    if source and source.comment:
        for item in accepted:
            supporters.add(desk.connection, item.id, desk.member.qq, source.comment, desk.visit.said_at, main=True)
    done = Submission(
        talk=desk.talk.number,
        section=section,
        accepted=accepted,
        known=known,
        turned_down=turned_down,
        left_out=shared.left_out,
        later=desk.live is not None,
    )
    _remember(desk, done, author, source)
    return done


def _must_have_fitted(desk: Desk, section: Section, filed: Sequence[ItemRow]) -> None:
    """Raise Refused beyond the caps; rows are counted only if the item numbers are high enough for that."""
    cap = desk.series.caps.items
    if filed and max(item.number for item in filed) > min(cap.each, cap.within, cap.talk):
        there = counts.items(desk.connection, desk.talk.number, desk.member.qq, section.key)
        must_fit(desk, desk.talk.number, cap, there, "条目", section.name, more=0)


def _room_for_pictures(desk: Desk, talk: int, count: int) -> None:
    if count:
        there = counts.pictures(desk.connection, talk, desk.member.qq)
        must_fit(desk, talk, desk.series.caps.pictures, there, "图片", more=count)


def _room_for_second(desk: Desk, item: ItemRow) -> None:
    there = counts.seconds(desk.connection, item.talk, desk.member.qq, item.id)
    must_fit(desk, item.talk, desk.series.caps.seconds, there, "推荐", f"#{item.number} ")


class _Gate:
    """The series' rules about advertising, as they stand for one visitor and one message."""

    def __init__(self, desk: Desk, joined: datetime | None) -> None:
        self.policy = desk.series.advertising
        self.open = desk.visit.trusted
        self.days = (desk.visit.said_at - joined) / timedelta(days=1) if joined else None
        unlimited = self.open or not self.policy.links
        self.sent = 0 if unlimited else sent_lately(desk)
        if self.policy.links and self.sent >= 2 * self.policy.links:
            raise Refused(f"发得太快了：{self.policy.minutes} 分钟内最多 {self.policy.links} 条，请晚点再发")

    def refusal(self, link: Link | None) -> str | None:
        """Count one more share; returns the reason to reject it, or None."""
        self.sent += 1
        return None if self.open else advertising.refusal(self.policy, link, self.sent, self.days)


def _met(desk: Desk, share: Share, author: Person, *, again: bool) -> Known | None:
    """Check whether a link is known, and second the item if it is another member's; None for a link to be filed."""
    if share.link is None or not items.is_known(desk.connection, share.link.key):
        return None
    key, talk = share.link.key, desk.talk.number
    if same := items.with_key(desk.connection, talk, key):
        own = author.qq == same.submitter.qq
        if not own:
            main = same.key == key
            _room_for_second(desk, same)
            supporters.add(desk.connection, same.id, author.qq, share.note, desk.visit.said_at, main=main)
        return Known(share.link.url, same, LinkStatus.OWN if own else LinkStatus.OTHERS)
    turned = items.rejected(desk.connection, talk, key)
    if turned is not None and turned.removed_by is not None and not desk.is_host(desk.talk):
        return Known(share.link.url, turned, LinkStatus.REJECTED)
    if not again and (before := items.earlier(desk.connection, talk, key)):
        return Known(share.link.url, before, LinkStatus.EARLIER)
    return None


def _remember(desk: Desk, done: Submission, author: Person, source: Source | None) -> None:
    """Link the message, and the original of one passed on, to the items that it created, seconded or only mentioned."""
    group = desk.visit.group_id
    brought = [item.id for item in [*done.accepted, *done.turned_down]]
    seconded = [each.item.id for each in done.known if each.status is LinkStatus.OTHERS]
    spoken_of = [each.item.id for each in done.known if each.status is not LinkStatus.OTHERS]
    for message in (desk.visit.message_id, *([source.message_id] if source else [])):
        items.speaks_of(desk.connection, group, message, brought, MessagePart.BROUGHT, author.qq)
        items.speaks_of(desk.connection, group, message, seconded, MessagePart.SECONDED, author.qq)
    only_met = [each for each in spoken_of if each not in seconded]
    items.speaks_of(desk.connection, group, desk.visit.message_id, only_met)


def as_it_stands(connection: Connection, done: Submission) -> Submission:
    """The same submission reloaded after its pages were fetched: with titles, and merged items moved to `known`."""
    now = items.by_ids(connection, [item.id for item in done.accepted])
    accepted = [now[item.id] for item in done.accepted]
    into = items.by_ids(connection, [item.same_as for item in accepted if item.same_as])
    merged = [
        Known(item.url or "", first, LinkStatus.OWN if first.submitter == item.submitter else LinkStatus.OTHERS)
        for item in accepted
        if item.same_as and (first := into.get(item.same_as))
    ]
    listed = [item for item in accepted if item.state == ItemState.LISTED]
    renewed = [new for old, new in zip(done.accepted, accepted, strict=True) if new.key != old.key and new in listed]
    return replace(
        done, accepted=listed, known=[*done.known, *merged], before=merging.known_before(connection, renewed)
    )


def _file(
    desk: Desk, section: Section, share: Share, category: str | None, author: Person, rejected_why: str | None = None
) -> ItemRow:
    talk, heading = desk.talk.number, share.heading
    return items.create(
        desk.connection,
        talk=talk,
        number=talks.take_item_number(desk.connection, talk),
        section=section.key,
        category=category or section.category_of(share.link.url if share.link else ""),
        url=share.link.url if share.link else None,
        key=share.link.key if share.link else None,
        key_version=KEY_VERSION,
        title=heading.title if heading else None,
        title_source=share.source if heading else None,
        authors=heading.authors if heading else None,
        site=heading.site if heading else None,
        note=share.note,
        submitter=author,
        via=None if author.qq == desk.member.qq else desk.member,
        now=desk.visit.said_at,
        rejected_why=rejected_why,
    )


def _row(desk: Desk, talk: int, number: int) -> ItemRow:
    return desk.find_item(ItemRef(number, talk))


def _fits(desk: Desk, *notes: str) -> None:
    limit = desk.series.limits.note
    if any(len(note) > limit for note in notes):
        raise Refused(f"说明太长了（最多 {limit} 字），这条没有存下。请缩短后再发一次")


def mine(desk: Desk) -> list[tuple[int, Sequence[ItemRow]]]:
    """The visitor's items by talk: of those that numbers mean now, and of the one that collects."""
    numbers = dict.fromkeys([*(talk.number for talk in desk.nearby), desk.talk.number])
    return [(number, items.of_member(desk.connection, number, desk.member.qq)) for number in numbers]


def edit(desk: Desk, ref: ItemRef, text: str, joined: datetime | None = None) -> ItemRow:
    """Update the category, note and link of an item with those in `text`; others are kept.

    For its submitter, hosts and its section's leads, who sign a note that they write. A note takes precedence over any
    title. Raises Refused.
    """
    item = desk.editable_item(ref)
    shared = read_shared(text, desk.series.section(item.section), 1)
    if shared.left_out:
        raise Refused("一条只有一个主链接，其余的用 /补充 加在下面")
    share = shared.shares[0] if shared.shares else Share(None)
    _fits(desk, share.note)
    must_be_welcome(desk, share.note, joined=joined)
    if shared.category is not None:
        items.set_category(desk.connection, item.id, shared.category)
    if share.link is not None:
        _relink(desk, item, merging.resolve_short(desk.connection, share.link))
    if share.heading is not None:
        items.set_heading(desk.connection, item.id, share.heading.title, share.heading.authors, share.heading.site)
    elif share.note and item.title_source == TitleSource.EDITOR:
        items.set_title(desk.connection, item.id, None, None)
    if share.note:
        by = None if desk.member.qq == item.submitter.qq else desk.member.qq
        items.set_note(desk.connection, item.id, share.note, by)
    return _row(desk, item.talk, item.number)


def _relink(desk: Desk, item: ItemRow, link: Link) -> None:
    if not _is_new(desk, item, link) and link.key == item.key:
        return  # the same in another spelling: nothing about the item changes
    items.set_link(desk.connection, item.id, link.url, link.key, KEY_VERSION, desk.visit.said_at)


def _is_new(desk: Desk, item: ItemRow, link: Link) -> bool:
    """Whether the item does not have the link yet. Raises Refused if another item of its talk has it, or if blocked."""
    if not desk.visit.trusted and (why := advertising.refusal(desk.series.advertising, link, 0, None)):
        raise Refused(f"{why}，请和{desk.series.host.name}商量")
    known = items.with_key(desk.connection, item.talk, link.key)
    if known is not None and known.id != item.id:
        raise Refused(f"这个链接 {known.submitter.name} 已经发过了：{talk_name(known.talk)}#{known.number}")
    return known is None


@dataclass(frozen=True)
class Added:
    """What was attached to an item; `became_main`: a link became its main link, as it had none."""

    item: ItemRow
    links: int
    pictures: int
    text: bool
    became_main: bool


def add(desk: Desk, ref: ItemRef, text: str, pictures: Sequence[str], joined: datetime | None = None) -> Added:
    """Attach links, text and pictures (file names in the store) to an item. Raises Refused.

    For its submitter, who passed it on, hosts and its section's leads; a text of others than the submitter is signed.
    The first link becomes the main link of an item without one. Links that the item has are not added twice.
    """
    item = desk.editable_item(ref, passed_on=True)
    found = find_links(text)
    words = without_links(text, found)
    _fits(desk, words)
    must_be_welcome(desk, text, joined=joined)
    there = counts.additions(desk.connection, item.talk, desk.member.qq, item.id)
    more = len(found) + bool(words)
    if more:
        must_fit(desk, item.talk, desk.series.caps.additions, there, "补充", f"#{item.number} ", more)
    _room_for_pictures(desk, item.talk, len(pictures))
    sent = [merging.resolve_short(desk.connection, each.link) for each in found]
    links = list({link.key: link for link in sent}.values())
    became_main = bool(links) and item.url is None
    if became_main:
        _relink(desk, item, links.pop(0))
    added = 0
    for link in links:
        if _is_new(desk, item, link):
            _attach(desk, item, AttachmentKind.LINK, link.url, link.key)
            added += 1
    for picture in pictures:
        _attach(desk, item, AttachmentKind.PICTURE, picture)
    if words:
        _attach(desk, item, AttachmentKind.TEXT, words)
    items.speaks_of(desk.connection, desk.visit.group_id, desk.visit.message_id, [item.id])
    return Added(_row(desk, item.talk, item.number), added, len(pictures), bool(words), became_main)


def _attach(desk: Desk, item: ItemRow, kind: AttachmentKind, body: str, key: str | None = None) -> None:
    message = (desk.visit.group_id, desk.visit.message_id)
    version = KEY_VERSION if key else None
    attachments.add(desk.connection, item.id, kind, body, key, version, desk.member.qq, message, desk.visit.said_at)


@dataclass(frozen=True)
class Withdrawn:
    """An item that was taken back; with an `heir`, who had seconded it, it stays in the agenda as theirs."""

    item: ItemRow
    heir: Person | None


def withdraw(desk: Desk, refs: Sequence[ItemRef]) -> Sequence[Withdrawn]:
    """Take own items out of the agenda, all or none. The rows stay, and so do their numbers."""
    found = {item.id: item for item in (desk.own_item(ref, passed_on=True) for ref in refs)}.values()
    return [take_back(desk.connection, item, desk.member.qq, None, desk.visit.said_at) for item in found]


def second(desk: Desk, ref: ItemRef) -> ItemRow:
    """Second another member's item, which counts as a vote; returns the item. Raises Refused."""
    item = desk.open_item(ref)
    if desk.member.qq in (item.submitter.qq, item.via.qq if item.via else None):
        raise Refused("自己的条目不用投票，等等大家")
    _room_for_second(desk, item)
    supporters.add(desk.connection, item.id, desk.member.qq, "", desk.visit.said_at, main=True)
    return item


def take_back(connection: Connection, item: ItemRow, by: int, why: str | None, now: datetime) -> Withdrawn:
    """Withdraw an item; if it was seconded, its first supporter becomes its submitter instead."""
    heir = supporters.first(connection, item.id)
    if heir is not None:
        supporters.hand_over(connection, item.id, heir)
        return Withdrawn(item, heir.person)
    items.remove(connection, item.id, ItemState.WITHDRAWN, by, why, now)
    return Withdrawn(item, None)


def recalled(
    connection: Connection, group_id: int, message_id: int, author: int, operator: int, now: datetime
) -> Sequence[Withdrawn]:
    """Undo a recalled message: withdraw its items, remove its seconds and attachments; returns the withdrawn items.

    The message is marked as handled, so that it is ignored if it was not processed yet.
    """
    members.handle(connection, group_id, message_id, author, now)
    attachments.take_back(connection, group_id, message_id)
    supporters.take_back(connection, group_id, message_id)
    brought = items.of_message(connection, group_id, message_id, MessagePart.BROUGHT)
    listed = [item for item in brought if item.state == ItemState.LISTED and talks.is_open(connection, item.talk)]
    if listed:
        members.upsert_member(connection, operator, "")
    return [take_back(connection, item, operator, "消息被撤回", now) for item in listed]
