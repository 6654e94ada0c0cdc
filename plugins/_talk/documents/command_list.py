"""The bot's commands as the help page lists them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ListedCommand:
    """A command: its names, what it does, how it is written, an example."""

    name: str
    alias: str
    help: str
    usage: str
    example: str


@dataclass(frozen=True)
class CommandList:
    """The commands by who may give them."""

    groups: tuple[tuple[str, tuple[ListedCommand, ...]], ...]
