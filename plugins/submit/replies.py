"""Reply texts about items."""

from collections.abc import Sequence

from db.queries.items import ItemRow
from db.queries.sections import SuggestionRow
from plugins._chat.commands.call import Reply
from plugins._chat.stores.pictures import MOST_OF_MESSAGE
from plugins._talk.documents.item_titles import address_of, title_of
from plugins._talk.lifecycle import talk_name
from plugins._talk.links.sites import expires
from plugins._talk.render.discussion import short, taken_back
from plugins._talk.series import Series
from plugins._talk.usecases.remarks import TakenBack
from plugins._talk.usecases.submissions import PICTURE_ALONE, Added, Known, LinkStatus, Submission, Withdrawn

LISTED = 6
SHOWN = 30


def too_many(pictures: int) -> list[str]:
    """Lines about pictures beyond the limit per message."""
    return [f"一条消息最多收 {MOST_OF_MESSAGE} 张图，还有 {pictures} 张请用 /补充 再发"] if pictures else []


def which_section(series: Series, words: str) -> str:
    """Ask in which section something without a link belongs."""
    first, *others = [section.short for section in series.submitting]
    more = f"，或者 {'、'.join(f'/{each}' for each in others)}" if others else ""
    return f"投到哪个版块？发 /{first} {words[:200] or '链接 说明'}{more}"


def submitted(
    done: Submission, series: Series, missed_pictures: int = 0, pictures_left_out: int = 0, *, guessed: bool = False
) -> Reply:
    """Talk, section and number of each filed item, and what happened to the rest."""
    several, host = len(done.told) > 1, series.host.name
    rows = [_filed(done)] if done.accepted else []
    rows += [_known(each, host, with_address=several) for each in done.known[:LISTED]]
    if len(done.known) > LISTED:
        rows.append(f"…… 共 {len(done.known)} 条早就有了")
    if earlier := [each.url for each in done.known if each.status is LinkStatus.EARLIER]:
        rows.append(f"还想再讲就发 /{done.section.short} 重提 {earlier[0]}")
    if done.turned_down:
        rows.append(
            f"{_numbers(done.turned_down)} 没有收录：{done.turned_down[0].removed_why}。"
            f"有误会就请{host}发 /恢复 #{done.turned_down[0].number}"
        )
    if done.left_out:
        taken = len(done.told)
        rows.append(f"一条消息最多收 {taken} 个链接，还有 {done.left_out} 个请再发一次")
    if missed_pictures and done.accepted:
        rows.append(f"图片没能保存，请用 /补充 #{done.accepted[0].number} 再发一次")
    if guessed and done.accepted:
        other = next((each.short for each in series.submitting if each.key != done.section.key), "")
        category = next((each.name for each in done.section.categories if each.name != done.accepted[0].category), "")
        ways = [*([f"换到{other}"] if other else []), *([f"改成{category}"] if category else [])]
        rows += [f"不对的话，回复这条「{'」或「'.join(ways)}」"] if ways else []
    rows += too_many(pictures_left_out) if done.accepted else []
    fine = len(rows) == 1 and bool(done.accepted) and all(item.url for item in done.accepted)
    logged = f"{talk_name(done.talk)} {_numbers(done.accepted)} filed" if done.accepted else ""
    return Reply("\n".join(rows), about=list(dict.fromkeys(done.told)), plain=fine, logged=logged)


def _filed(done: Submission) -> str:
    where, first = f"{talk_name(done.talk)} 期{'（下期）' if done.later else ''}{done.section.name}", done.accepted[0]
    credit = f"（署名 {first.submitter.name}）" if first.via else ""
    if first.note == PICTURE_ALONE:
        return f"{where} #{first.number} 图片收下了{credit}。补一句说明：回复这条「标题：……」"
    if first.url is None:
        what = "提名已记下" if done.section.nominations else "已收录"
        return f"{where} #{first.number} {what}：{title_of(first)}\n有链接的话发 /补充 #{first.number} 链接"
    rows = [f"{where} {_numbers(done.accepted)} 已收录：{_titles(done.accepted)}{credit}"]
    rows += [
        f"#{item.number} 曾在 {talk_name(before.talk)} 期 #{before.number} 收录；不想重复就发 /撤回 #{item.number}"
        for item in done.accepted
        if (before := done.before.get(item.id))
    ]
    rows += [
        f"#{item.number} 是微信的临时链接，过几小时就打不开了，请用文章里的「复制链接」再发一次"
        for item in done.accepted
        if item.url and expires(item.url)
    ]
    if len(done.accepted) == 1 and first.excerpt and not first.note:
        rows.append(f"摘要首句：{first.excerpt}\n想用自己的话介绍，就发 /修改 #{first.number} 说明")
    return "\n".join(rows)


def _known(known: Known, host: str, *, with_address: bool) -> str:
    item = known.item
    address = address_of(known.url)
    what = f"{address if len(address) <= 40 else f'{address[:39]}…'} " if with_address else ""
    where, title = f"{talk_name(item.talk)}#{item.number}", title_of(item)
    match known.status:
        case LinkStatus.OWN:
            return f"{what}你已经发过了：{where} {title}"
        case LinkStatus.OTHERS:
            return f"{what}{item.submitter.name} 已经发过了：{where} {title}（记下你也推荐）"
        case LinkStatus.EARLIER:
            return f"{what}曾在 {talk_name(item.talk)} 期 #{item.number} 收录：{title}"
        case LinkStatus.REJECTED:
            why = f"（{item.removed_why}）" if item.removed_why else ""
            return f"{what}{where} 没有收录{why}，请和{host}商量"


def _numbers(items: Sequence[ItemRow]) -> str:
    numbers = [item.number for item in items]
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"#{numbers[0]}–#{numbers[-1]}"
    return " ".join(f"#{number}" for number in numbers)


def _titles(items: Sequence[ItemRow]) -> str:
    titles = list(dict.fromkeys(title_of(item) for item in items))
    if len(titles) == 1:
        return titles[0]
    shown = "".join(f"\n· {title}" for title in titles[:LISTED])
    return shown + (f"\n…… 共 {len(items)} 条" if len(titles) > LISTED else "")


def mine(found: Sequence[tuple[int, Sequence[ItemRow]]], series: Series) -> Reply:
    """The member's items by talk; beyond a limit only their numbers."""
    there = [(talk, items) for talk, items in found if items]
    if not there:
        return Reply(f"你在 {talk_name(found[-1][0])} 期还没有条目。发 {series.submit} 加链接，来第一条吧")
    rows: list[str] = []
    for talk, items in there:
        rows.append(f"你在 {talk_name(talk)} 期有 {len(items)} 条：")
        rows += [f"#{item.number} {title_of(item)}{_remark(item)}" for item in items[:SHOWN]]
        rows += ["还有 " + " ".join(f"#{item.number}" for item in items[SHOWN:])] if len(items) > SHOWN else []
    return Reply("\n".join([*rows, "修改 /修改 #编号 …，撤回 /撤回 #编号"]))


def _remark(item: ItemRow) -> str:
    remarks = [*([] if item.url else ["缺链接"]), *([f"署名 {item.submitter.name}"] if item.via else [])]
    return f"（{'，'.join(remarks)}）" if remarks else ""


def edited(item: ItemRow) -> Reply:
    where = f"{item.category} · " if item.category else ""
    link = f"\n{item.url}" if item.url else ""
    return Reply(f"{talk_name(item.talk)}#{item.number} 已修改：{where}{title_of(item)}{link}", about=[item.id])


def added(done: Added, pictures_left_out: int = 0) -> Reply:
    item = done.item
    what = [
        *(["主链接"] if done.became_main else []),
        *([f"{done.links} 个链接"] if done.links else []),
        *([f"{done.pictures} 张图片"] if done.pictures else []),
        *(["一段文字"] if done.text else []),
    ]
    said = f"补充了 {'、'.join(what)}" if what else "这个链接已经在里面了"
    rows = [f"{talk_name(item.talk)}#{item.number} {said}：{title_of(item)}", *too_many(pictures_left_out)]
    return Reply("\n".join(rows), about=[item.id])


def unwished(wish: SuggestionRow) -> Reply:
    return Reply(f"{talk_name(wish.talk)} 期{wish.by.name} 的建议已撤回：{short(wish.body)}")


def taken(each: Sequence[Withdrawn | TakenBack | SuggestionRow]) -> Reply:
    """Everything that one command took back."""
    items = [one for one in each if isinstance(one, Withdrawn)]
    rows = [withdrawn(items).text] if items else []
    rows += [taken_back(one.questions, one.remarks, "已撤回") for one in each if isinstance(one, TakenBack)]
    rows += [unwished(one).text for one in each if isinstance(one, SuggestionRow)]
    return Reply("\n".join(map(str, rows)))


def withdrawn(taken: Sequence[Withdrawn], how: str = "已撤回") -> Reply:
    gone = [each.item for each in taken if each.heir is None]
    rows = [f"{talk_name(gone[0].talk)}{_numbers(gone)} {how}：{_titles(gone)}"] if gone else []
    rows += [
        f"{talk_name(each.item.talk)}#{each.item.number} 有 {each.heir.name} 也推荐过，改由 {each.heir.name} 署名留下"
        for each in taken
        if each.heir
    ]
    return Reply("\n".join(rows))
