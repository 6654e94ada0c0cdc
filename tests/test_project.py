"""The project about itself: imports run one way, and what is documented is what there is."""

import ast
import re
from pathlib import Path

import nonebot
import pytest

from plugins._chat.commands.registry import commands
from plugins._chat.config import Settings

ROOT = Path(__file__).parents[1]
FEATURES = sorted(each.name for each in (ROOT / "plugins").iterdir() if each.is_dir() and each.name[0] not in "_.")
MAY_IMPORT = {
    "db": {"db"},
    "_talk": {"db", "_talk"},
    "_chat": {"db", "_talk", "_chat"},
    "_onebot": {"_onebot"},
    "sandbox": {"_onebot", "_talk", "_chat", "sandbox"},
    **{name: {"db", "_talk", "_chat", name} for name in FEATURES if name != "sandbox"},
}


def room_of(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] == "db":
        return "db"
    return parts[1] if parts[0] == "plugins" and len(parts) > 1 else None


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{name.name}" for name in node.names)
    return found


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_run_one_way(room: str) -> None:
    folder = ROOT / "db" if room == "db" else ROOT / "plugins" / room
    for path in folder.rglob("*.py"):
        names = imports(path)
        assert {found for name in names if (found := room_of(name))} <= MAY_IMPORT[room], path
        if room in ("db", "_talk", "_onebot"):
            assert not any(name.split(".")[0] == "nonebot" for name in names), path
        if room in FEATURES or room == "_chat":
            assert not any(name.split(".")[0] in ("sqlalchemy", "alembic") for name in names), path


NONEBOTS = {"SUPERUSERS", "COMMAND_START", "NICKNAME"}


def test_every_variable_is_documented_and_no_other() -> None:
    known = {name.upper() for name in Settings.model_fields} | NONEBOTS
    example = (ROOT / ".env.example").read_text("utf-8")
    assert set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)) == known
    readme = (ROOT / "README.md").read_text("utf-8")
    assert all(f"`{name}`" in readme for name in known)


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_every_command_is_in_the_readme(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    known = list(commands)
    assert len(known) >= 16
    for command in known:
        word = command.name if readme == "README.md" else command.alias
        assert re.search(rf"/{word}\b", text), word


def test_every_plugin_says_what_it_is() -> None:
    loaded = {plugin.name: plugin.metadata for plugin in nonebot.get_loaded_plugins()}
    for name in FEATURES:
        if name != "sandbox":  # loaded by the bot only where it is asked for
            metadata = loaded[name]
            assert metadata is not None
            assert metadata.name
            assert metadata.description
            assert metadata.usage
    assert "__plugin_meta__" in (ROOT / "plugins" / "sandbox" / "__init__.py").read_text("utf-8")


def test_every_variable_has_a_comment_of_its_own() -> None:
    rows = (ROOT / ".env.example").read_text("utf-8").splitlines()
    for row, above in zip(rows[1:], rows, strict=False):
        assert "=" not in row or row.startswith("#") or above.startswith("# "), row


def test_every_command_explains_itself() -> None:
    for command in commands:
        assert command.usage.startswith(f"/{command.name}")
        assert command.example.startswith(f"/{command.name}")
        assert command.help


def test_the_lock_names_no_hosts() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in (ROOT / lock).read_text("utf-8")
