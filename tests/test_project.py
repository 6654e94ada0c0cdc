"""The project about itself: imports run one way, and what is documented is what there is."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nonebot
import pytest

from plugins._chat.commands.registry import commands
from plugins._chat.config import Settings
from plugins._chat.version import VERSION
from tests.command_table import table

ROOT = Path(__file__).parents[1]
FEATURES = sorted(each.name for each in (ROOT / "plugins").iterdir() if each.is_dir() and each.name[0] not in "_.")
FEATURE = {"db", "_talk", "_chat"}
MAY_IMPORT = {
    "db": set[str](),
    "_talk": {"db"},
    "_chat": {"db", "_talk"},
    "_onebot": set[str](),
    "_operations": {"db", "_talk", "_chat"},
    "sandbox": {"db", "_onebot", "_talk", "_chat"},
    **{name: FEATURE for name in FEATURES if name != "sandbox"},
}
# The rooms inside, from the ground up: each may import those on the floors below it, as docs/rooms.md draws them.
FLOORS = {
    "_talk": (
        ("foreign_text", "hosts", "problems", "findings"),
        ("series",),
        ("series_file",),
        ("calendar", "links"),
        ("lifecycle", "web"),
        ("documents",),
        ("usecases", "render"),
        ("deliveries", "exchange"),
    ),
    "_chat": (
        ("config", "doors", "logs", "tally", "version", "rate_limit", "reader", "incoming", "stores"),
        ("outgoing",),
        ("presence",),
        ("service",),
        ("backups", "health", "commands", "deliveries"),
        ("connection",),
    ),
    "db": (
        ("enums", "names", "image_type", "errors", "refusals", "statements"),
        ("models", "writer"),
        ("engine",),
        ("migrations", "queries"),
        ("migrate",),
        ("opening",),
        ("archive",),
    ),
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
    for path in folder_of(room).rglob("*.py"):
        names = imports(path)
        assert {found for name in names if (found := room_of(name))} <= {room, *MAY_IMPORT[room]}, path
        if room in ("db", "_talk", "_onebot"):
            assert not any(name.split(".")[0] == "nonebot" for name in names), path
        if room in FEATURES or room == "_chat":
            assert not any(name.split(".")[0] in ("sqlalchemy", "alembic") for name in names), path


def folder_of(room: str) -> Path:
    return ROOT / "db" if room == "db" else ROOT / "plugins" / room


@pytest.mark.parametrize("house", FLOORS)
def test_inside_a_room_imports_run_down(house: str) -> None:
    folder, floors = folder_of(house), FLOORS[house]
    inner = [room for floor in floors for room in floor]
    there = {each.name.removesuffix(".py") for each in folder.iterdir() if each.suffix == ".py" or each.is_dir()}
    assert {name for name in there if not name.startswith("__")} == set(inner)
    below: set[str] = set()
    for floor in floors:
        for room in floor:
            paths = [folder / f"{room}.py"] if (folder / f"{room}.py").exists() else (folder / room).rglob("*.py")
            for path in paths:
                used = {inside for name in imports(path) if (inside := inner_room(house, name)) in inner}
                assert used <= below | {room}, path
        below |= set(floor)


def inner_room(house: str, module: str) -> str | None:
    parts = module.removeprefix("plugins.").split(".")
    return parts[1] if parts[0] == house and len(parts) > 1 else None


def test_no_two_modules_import_each_other() -> None:
    """Within one inner room, too."""
    graph = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): imports(path)
        for house in FLOORS
        for path in folder_of(house).rglob("*.py")
    }
    open_, done = set[str](), set[str]()

    def walk(module: str) -> None:
        assert module not in open_, f"a circle through {module}"
        if module in done:
            return
        open_.add(module)
        for each in sorted(graph[module] & graph.keys() - {module}):
            walk(each)
        open_.discard(module)
        done.add(module)

    for module in graph:
        walk(module)


def test_the_picture_of_the_rooms_names_every_room() -> None:
    drawn = (ROOT / "docs" / "rooms.md").read_text("utf-8")
    for house, floors in FLOORS.items():
        for room in (room for floor in floors for room in floor):
            assert f"`{room}" in drawn or f"{room}/" in drawn, f"{house}/{room}"


def test_the_rules_need_no_nonebot() -> None:
    """Every module of `_talk` and `db` loads without NoneBot."""
    code = (
        "import importlib, pkgutil, sys, plugins._talk, db\n"
        "for package in (plugins._talk, db):\n"
        "    for each in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        'migrations' in each.name or importlib.import_module(each.name)\n"
        "assert 'plugins._talk.deliveries.kinds' in sys.modules\n"
        "sys.exit('nonebot' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


NONEBOTS = {"SUPERUSERS", "COMMAND_START", "NICKNAME"}


def test_every_variable_is_documented_and_no_other() -> None:
    known = {name.upper() for name in Settings.model_fields} - {"ROOT"} | NONEBOTS
    example = (ROOT / ".env.example").read_text("utf-8")
    assert set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)) == known
    for page in OPERATIONS:
        text = (ROOT / "docs" / page).read_text("utf-8")
        assert all(f"`{name}`" in text for name in known), page


OPERATIONS = ("operations.md", "operations.zh.md")


def test_every_finding_is_explained() -> None:
    """What doctor and /health say, in both languages."""
    sources = [path.read_text("utf-8") for path in (ROOT / "plugins").rglob("*.py")]
    codes = {code for source in sources for code in re.findall(r"Finding\(\s*\"(\w+)\"", source)}
    assert len(codes) >= 18
    for page in OPERATIONS:
        text = (ROOT / "docs" / page).read_text("utf-8")
        assert {code for code in codes if f"`{code}`" not in text} == set(), page


def test_the_table_of_commands_is_up_to_date() -> None:
    assert (ROOT / "docs" / "commands.md").read_text("utf-8") == table(commands), "make docs"


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert project["version"] == VERSION
    assert re.findall(r"^## (\S+)", changes, re.MULTILINE)[0] == VERSION


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_is_two_screens(readme: str) -> None:
    assert len((ROOT / readme).read_text("utf-8").splitlines()) <= 80


def test_links_in_the_docs_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "tests" / "README.md"]
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert target.startswith("http") or (page.parent / target).exists(), f"{page.name}: {target}"


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
    for lock in ("requirements.lock", "requirements-postgres.lock", "requirements-dev.lock"):
        assert "://" not in (ROOT / lock).read_text("utf-8")
