"""What an operator copies: the image's files, the proxies' snippets, compose.yaml and the systemd unit."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.people import GROUP, LINXI
from tests.process.bot_process import PATIENCE, BotProcess, asks, connected, free_port, make_group

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"


def copied() -> list[str]:
    """What the Dockerfile's last stage copies out of the repository."""
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    return [name for line in lines if line.startswith("COPY ") and "--from" not in line for name in line.split()[1:-1]]


def test_the_image_has_all_that_the_bot_needs(tmp_path: Path) -> None:
    for name in (each for each in copied() if not each.startswith("$")):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    environment = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", "TALK_GROUPS": "[1]"}
    command = [sys.executable, str(tmp_path / "bot.py"), "check"]
    done = subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.endswith("设置没有问题：群 [1]，系列 OpenLLM Talk（内置）\n"), done
    assert not (tmp_path / "data" / "talk.db").exists()


async def test_without_psycopg_only_a_file_is_served(tmp_path: Path) -> None:
    """It is an extra: requirements.lock does not have it."""
    hidden = "import sys\nsys.modules['psycopg'] = None\n"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "sitecustomize.py").write_text(hidden)
    settings = {"TALK_GROUPS": "[1]", "PYTHONPATH": str(tmp_path / "elsewhere")}
    code, printed = await asks(BotProcess(tmp_path, **settings), "check")
    assert (code, "设置没有问题" in printed) == (0, True), printed
    code, printed = await asks(BotProcess(tmp_path, **settings, DATABASE_URL="postgresql://127.0.0.1/talk"), "check")
    assert (code, "requirements-postgres.lock" in printed, "Traceback" in printed) == (1, True, False), printed


def test_the_image_holds_nothing_else() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert allowed == {each for each in copied() if "$" not in each} | {each.name for each in ROOT.glob("*.lock")} - {
        "requirements-dev.lock"
    }


def test_compose_mounts_the_data_at_one_path() -> None:
    """A file that is handed over by its path is looked for at that path in NapCat's container."""
    text = (ROOT / "compose.yaml").read_text("utf-8")
    assert re.findall(r"\./data:(/app/data)", text) == ["/app/data", "/app/data"]
    assert "ws://nonebot:8080/onebot/v11/ws" in text
    assert "\n  nonebot:\n" in text


def nginx(folder: Path, port: int, bot: int) -> list[str]:
    snippet = (DEPLOY / "nginx.conf").read_text("utf-8")
    snippet = snippet.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("127.0.0.1:8080", f"127.0.0.1:{bot}")
    kept = "".join(f"{each}_temp_path {folder};\n" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    conf = folder / "all.conf"
    http = f"http {{\naccess_log off;\n{kept}{snippet}}}\n"
    conf.write_text(f"daemon off;\npid {folder}/pid;\nevents {{}}\n{http}", "utf-8")
    return ["nginx", "-p", str(folder), "-c", str(conf), "-e", "stderr"]


def caddy(folder: Path, port: int, bot: int) -> list[str]:
    snippet = (DEPLOY / "Caddyfile").read_text("utf-8")
    snippet = snippet.replace("\ntalk.example.org {", f"\nhttp://talk.example.org:{port} {{\n\tbind 127.0.0.1")
    conf = folder / "Caddyfile"
    conf.write_text("{\n\tadmin off\n}\n" + snippet.replace("127.0.0.1:8080", f"127.0.0.1:{bot}"), "utf-8")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(conf)]


@asynccontextmanager
async def proxy(command: list[str], folder: Path, port: int) -> AsyncGenerator[None]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.DEVNULL)
    try:
        async with asyncio.timeout(PATIENCE):
            while not await _listens(port):  # noqa: ASYNC110 another program, which tells nobody
                await asyncio.sleep(0)
        yield
    finally:
        process.terminate()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@pytest.mark.parametrize("kind", [nginx, caddy])
async def test_a_proxy_passes_the_pages_and_nothing_else(
    tmp_path: Path, kind: Callable[[Path, int, int], list[str]]
) -> None:
    if not shutil.which(kind.__name__) and not os.environ.get("CI"):
        pytest.skip(f"no {kind.__name__} on this machine")
    settings = {"TALK_GROUPS": f"[{GROUP}]", "ONEBOT_ACCESS_TOKEN": "a long word"}
    bot = BotProcess(tmp_path, **settings, PUBLIC_URL="http://talk.example.org")
    await bot.start()
    port = free_port()
    async with (
        connected(make_group(), bot, "a long word") as line,
        proxy(kind(tmp_path, port, bot.port), tmp_path, port),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"Host": "talk.example.org"}) as client,
    ):
        await line.asks(LINXI, "/news https://a.com/1 好文")
        page = await client.get("/talks/000")
        assert (page.status_code, "好文" in page.text) == (200, True), page.text
        for path in (
            "/onebot/v11/ws",
            "/onebot/v11/",
            "/health",
            "/metrics",
            "/sandbox",
            "/sandbox/ws",
            "/talks/../health",
        ):
            assert (await client.get(path)).status_code == 404, path
    await bot.stop()
