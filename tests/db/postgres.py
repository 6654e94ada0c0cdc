"""A PostgreSQL of the tests' own, where the machine has one: started in an empty folder, gone afterwards."""

import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy import Engine, create_engine


def programs() -> Path | None:
    """Where initdb and pg_ctl are; Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    beside = shutil.which("initdb")
    return found[0].parent if found else Path(beside).parent if beside else None


@contextmanager
def running(port: int, *, durable: bool = False) -> Generator[Engine]:
    """Run a cluster and give an engine for its empty database; `durable`: what it commits would survive a crash."""
    where = programs()
    assert where is not None
    folder = Path(mkdtemp(prefix="pg"))
    as_somebody: list[str] = []
    if os.getuid() == 0:  # PostgreSQL does not run as root
        shutil.chown(folder, "postgres")
        as_somebody = ["runuser", "-u", "postgres", "--"]
    options = f"-k {folder} -p {port} -c listen_addresses=127.0.0.1 -c fsync={'on' if durable else 'off'}"

    def run(program: str, *words: str) -> None:
        command = [*as_somebody, str(where / program), "-D", str(folder / "data"), *words]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd="/")

    run("initdb", "-A", "trust", "-U", "talk", "--no-sync", "-E", "UTF8", "--locale=C")
    run("pg_ctl", "-o", options, "-l", str(folder / "log"), "-w", "start")
    engine = create_engine(f"postgresql+psycopg://talk@127.0.0.1:{port}/postgres")
    try:
        yield engine
    finally:
        engine.dispose()
        run("pg_ctl", "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)
