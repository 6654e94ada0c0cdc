"""Reads lines as `docs/understood.md` writes them, and says what is understood."""

from plugins._chat.commands.registry import commands
from plugins._chat.commands.understanding import Ears, Heard, signs_of
from plugins._chat.incoming.message import Content, plain
from plugins._talk.series_file import load_series

REPLY_TO_BOT, REPLY, AT, PICTURE, LINE = "↩bot ", "↩ ", "@bot", "[图]", "⏎"
EARS = Ears(
    commands=commands,
    signs=signs_of({"/"}),
    nicknames=["小助手"],
    others=load_series().hearing.others,
    help="（帮助）",
)


def meaning(typed: str) -> str:
    """The commands that a line is understood as, `?` and a hint, or `—` for what is left alone."""
    to_bot, is_reply = typed.startswith(REPLY_TO_BOT), typed.startswith((REPLY_TO_BOT, REPLY))
    text = typed.removeprefix(REPLY_TO_BOT).removeprefix(REPLY)
    words = plain(text.replace(AT, "").replace(PICTURE, "").replace(LINE, "\n"))
    to_other = words.startswith("@阿凯 ") and not is_reply
    content = Content(
        text=words.removeprefix("@阿凯 ") if to_other else words,
        reply_to=7 if is_reply else None,
        cards=(),
        pictures=("https://gchat.qpic.cn/1",) if PICTURE in text else (),
        to_other=to_other,
        to_me=AT in text,
    )
    heard = EARS.understand(content, to_me=content.to_me and not to_bot)
    if heard is None and to_bot:
        heard = EARS.reply_words(content)
    return _told(heard)


def _told(heard: Heard | None) -> str:
    if heard is None:
        return "—"
    calls = [f"`/{each.command.alias} {each.argument}".strip().replace("\n", LINE) + "`" for each in heard.commands]
    hint = f"? {heard.hint.partition(chr(10))[0]}" if heard.hint else ""
    return " ; ".join([*calls, *([hint] if hint else [])])
