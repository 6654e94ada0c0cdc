"""What the OneBot implementations do differently, as far as a bot notices, and what can go wrong with them.

Sources: those of NapCat 4.18, LLBot 8.1, Lagrange.OneBot v1 and go-cqhttp 1.2.
"""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Dialect:
    """An implementation: its name and version, the actions that it lacks, and how it says that an action failed.

    `files_by_path`: it takes files by a path on its machine only. `wording`: it tells why. `unknown` and `rejected` are
    its codes for an action that it does not have, and for one that QQ turned down.
    """

    app_name: str
    app_version: str
    lacks: frozenset[str] = frozenset()
    files_by_path: bool = False
    wording: bool = True
    unknown: int = 1404
    rejected: int = 1200


REACTION, OTHER_REACTION = "set_msg_emoji_like", "set_group_reaction"
NAPCAT = Dialect("NapCat.Onebot", "4.18.14", frozenset({OTHER_REACTION}))
LLBOT = Dialect("LLOneBot", "8.1.0", frozenset({OTHER_REACTION}))
LAGRANGE = Dialect(
    "Lagrange.OneBot",
    "0.0.3",
    frozenset({REACTION, "get_file", "get_group_at_all_remain"}),
    files_by_path=True,
    wording=False,
    unknown=404,
    rejected=9000,
)
GO_CQHTTP = Dialect(
    "go-cqhttp",
    "v1.2.0",
    frozenset({REACTION, OTHER_REACTION, "get_file"}),
    files_by_path=True,
    unknown=404,
    rejected=100,
)
DIALECTS = {"NapCat": NAPCAT, "LLBot": LLBOT, "Lagrange": LAGRANGE, "go-cqhttp": GO_CQHTTP}


class Trouble(Enum):
    """A simulated failure of everything that is sent."""

    NONE = "一切正常"
    REJECTED = "发送失败（1200）"
    SILENT = "没有回执"
    MUTED = "被禁言"
    OFFLINE = "QQ 掉线"
