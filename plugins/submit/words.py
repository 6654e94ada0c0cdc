"""What the bot says about items."""

from collections.abc import Sequence

from db.queries.items import ItemRow
from plugins._chat.call import Reply
from plugins._talk.overview import talk_name
from plugins._talk.share import address_of
from plugins._talk.submissions import Added, Submission, title_of

LISTED = 6
SHOWN = 30


def submitted(done: Submission) -> Reply:
    """Talk, section and number of everything that was filed, and who has what was there already."""
    where = f"{talk_name(done.talk)} {done.section.name}"
    rows = [f"{where} {_numbers(done.accepted)} 已收录:{_titles(done.accepted)}"] if done.accepted else []
    if linkless := [item for item in done.accepted if item.url is None]:
        number = linkless[0].number
        rows = [_asking(where, linkless[0], nomination=done.section.nominations, number=number)]
    rows += [
        f"{address_of(each.url)[:40]} {each.item.submitter.name} 已发过：#{each.item.number} {title_of(each.item)}"
        for each in done.duplicates[:LISTED]
    ]
    if len(done.duplicates) > LISTED:
        rows.append(f"…… 共 {len(done.duplicates)} 条早就有了")
    if done.left_out:
        rows.append(
            f"一条消息最多收 {len(done.accepted) + len(done.duplicates)} 个链接，还有 {done.left_out} 个请再发一次"
        )
    return Reply("\n".join(rows), [item.id for item in [*done.accepted, *(each.item for each in done.duplicates)]])


def _asking(where: str, item: ItemRow, *, nomination: bool, number: int) -> str:
    what = "提名已记下" if nomination else "已收录"
    return f"{where} #{number} {what}:{title_of(item)}\n有链接的话发 /补充 #{number} 链接"


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


def mine(talk: int, items: Sequence[ItemRow]) -> Reply:
    if not items:
        return Reply(f"你在 {talk_name(talk)} 还没有条目。发 /新闻 加链接，来第一条吧")
    rows = [f"#{item.number} {title_of(item)}{'' if item.url else '（缺链接）'}" for item in items[:SHOWN]]
    more = [f"…… 共 {len(items)} 条"] if len(items) > SHOWN else []
    hint = "修改 /修改 #编号 …，撤回 /撤回 #编号"
    return Reply("\n".join([f"你在 {talk_name(talk)} 有 {len(items)} 条：", *rows, *more, hint]))


def edited(item: ItemRow) -> Reply:
    return Reply(f"{talk_name(item.talk)} #{item.number} 已修改:{title_of(item)}", [item.id])


def added(done: Added) -> Reply:
    item = done.item
    what = [
        *(["主链接"] if done.became_main else []),
        *([f"{done.links} 个链接"] if done.links else []),
        *([f"{done.pictures} 张图片"] if done.pictures else []),
        *(["一段文字"] if done.text else []),
    ]
    said = f"补充了{'、'.join(what)}" if what else "这个链接已经在里面了"
    return Reply(f"{talk_name(item.talk)} #{item.number} {said}:{title_of(item)}", [item.id])


def withdrawn(item: ItemRow) -> Reply:
    return Reply(f"{talk_name(item.talk)} #{item.number} 已撤回:{title_of(item)}")
