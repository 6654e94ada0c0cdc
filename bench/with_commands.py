"""`python bench/with_commands.py N`: the bot with N commands, the first of its own and as many others as it takes."""

import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from plugins._chat.commands import registry
from plugins._chat.commands.registry import Command, Commands
from plugins._chat.config import Settings


class SoMany(Commands):
    """A registry that takes no more than a number of commands, and is filled up to it."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def add(self, *commands: Command) -> None:
        for command in commands:  # /news is among the first
            if len(list(self)) < self._most - (command.name != "news" and self.find("news") is None):
                super().add(command)

    def fill(self) -> None:
        (first, *_) = self
        for number in range(len(list(self)), self._most):
            self.add(replace(first, name=f"other{number}", alias=f"另外{number}", names=(), shortcuts={}, basic=None))


def main() -> None:
    found = registry.commands = SoMany(int(sys.argv.pop()))

    import bot
    from plugins._operations import starting

    load = starting.load_plugins

    def load_and_fill(settings: Settings) -> None:
        load(settings)
        found.fill()

    starting.load_plugins = load_and_fill
    bot.main()


if __name__ == "__main__":
    main()
