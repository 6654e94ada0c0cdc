"""docs/commands.md, out of the registry: `python -m tests.command_table docs/commands.md` writes it."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from plugins._chat.commands.registry import Command, Who

HEAD = """# Commands 命令

Written by `make docs` out of the registry, with the sections of OpenLLM Talk; another series has commands named
after its own sections. `/帮助 全部` shows the same in the group. What people may type instead is in
[understood.md](understood.md).

`<…>` is needed, `[…]` may be left out. `#7` is an item, `Q3` a question, `004#7` one of talk 004; a reply to the bot's
message about it stands for the number. The host's rights belong to the roles that run the evening and the minutes.
"""
COLUMNS = "| 命令 | command | 用法 | 例 | 做什么 |\n|---|---|---|---|---|"


def table(known: Iterable[Command]) -> str:
    """The Markdown file, commands grouped by who may use them."""
    there = sorted(known, key=lambda each: each.name)
    parts = [HEAD]
    for who in Who:
        rows = [_row(each) for each in there if each.who is who]
        parts += [f"## {who.value}", f"{COLUMNS}\n" + "\n".join(rows)] if rows else []
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _row(command: Command) -> str:
    return f"| {' | '.join(_escaped(cell) for cell in _cells(command))} |"


def _cells(command: Command) -> Iterator[str]:
    others = "、".join(f"`/{name}`" for name in (*command.names, *command.shortcuts))
    yield f"`/{command.alias}`" + (f"（{others}）" if others else "")
    yield f"`/{command.name}`"
    yield f"`{command.told(command.usage, command.alias)}`"
    yield f"`{command.told(command.example, command.alias)}`"
    yield command.help + (f"；主持：{command.host_help}" if command.host_help else "")


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")


def main(path: Path) -> None:
    """Load the bot as `bot.py check` does, with nothing of this machine's settings."""
    from plugins._chat.commands.registry import commands
    from plugins._chat.config import load_settings
    from plugins._operations.starting import rehearse
    from plugins._talk.series_file import load_series

    rehearse(load_settings(path.parent, {"TALK_GROUPS": "[1]"}), load_series())
    path.write_text(table(commands), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
