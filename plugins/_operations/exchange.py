"""bot.py export and import: all talks as a file, and talks out of one."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from db.engine import Database
from db.opening import look_into, open_database
from db.queries import search
from db.refusals import CannotBackUp
from plugins._chat.config import Settings
from plugins._talk.exchange import markdown_file, talks_file
from plugins._talk.exchange.taking_in import Stored, store_article
from plugins._talk.exchange.talks_file import NotTalks
from plugins._talk.lifecycle import talk_name
from plugins._talk.series import Series

FORMS = (".json", ".md", ".zip")
MOST_BYTES = 1_000_000_000


def write(settings: Settings, series: Series, file: Path) -> str:
    """Write all talks into a file, beside a running bot; what to tell the operator. Raises CannotBackUp, CannotOpen."""
    _known_form(file)
    engine = look_into(settings.database)
    try:
        with engine.connect() as connection:
            match file.suffix:
                case ".json":
                    body = talks_file.written(connection, series.name).encode()
                case ".md":
                    body = markdown_file.written(connection, series, datetime.now(UTC)).encode()
                case _:
                    body = talks_file.packed(connection, series.name)
    finally:
        engine.dispose()
    try:
        file.write_bytes(body)
    except OSError as error:
        raise CannotBackUp(f"写不了 {file}：{error.strerror or error}") from error
    beside = "" if file.suffix == ".zip" else "，也没有图片（要带图片就写成 .zip）"
    return f"写好了：{file}（{len(body) / 1_000_000:.1f} MB）。里面的人只有名字，没有 QQ 号{beside}"


def take_in(settings: Settings, series: Series, file: Path, address: str | None) -> Iterator[str]:
    """Take the talks of a file in, while the bot is stopped; yields what to tell. Raises CannotBackUp, CannotOpen."""
    _known_form(file)
    try:
        if file.stat().st_size > MOST_BYTES:
            raise CannotBackUp(f"{file} 太大了")
        body = file.read_bytes()
    except OSError as error:
        raise CannotBackUp(f"读不了 {file}：{error.strerror or error}") from error
    db = open_database(settings.database)
    try:
        yield from _articles(db, series, file, body, address) if file.suffix == ".md" else _rows(db, file, body)
        with db.writer.begin() as connection:
            search.refresh(connection)
    finally:
        db.close()


def _rows(db: Database, file: Path, body: bytes) -> Iterator[str]:
    try:
        if file.suffix == ".json":
            rows, pictures = talks_file.read(body.decode()), dict[str, bytes]()
        else:
            rows, pictures = talks_file.unpacked(body)
        with db.writer.begin() as connection:
            taken = talks_file.take_in(connection, rows, pictures)
    except (NotTalks, UnicodeDecodeError) as error:
        raise CannotBackUp(f"{file}：{error}") from error
    yield f"收进来 {len(taken.talks)} 期：{_listed(taken.talks)}" if taken.talks else "没有新的期"
    if taken.left_out:
        yield f"已经有的没有动：{_listed(taken.left_out)}"


def _articles(db: Database, series: Series, file: Path, body: bytes, address: str | None) -> Iterator[str]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CannotBackUp(f"{file} 不是 UTF-8 编码，请用 UTF-8 另存一次") from error
    for document in markdown_file.documents(text):
        try:
            with db.writer.begin() as connection:
                stored = store_article(connection, series, document, address, datetime.now(UTC))
        except NotTalks as error:
            yield str(error)
            continue
        yield from _told(stored)


def _told(stored: Stored) -> Iterator[str]:
    name = talk_name(stored.talk)
    yield f"{name} 期：{stored.items} 条，{stored.questions} 个问题，{stored.answers} 个回答"
    if stored.without_link:
        yield "  没有链接的条目，看看是不是上一条的说明："
        yield from (f"    {each[:60]}" for each in stored.without_link)
    if stored.not_understood:
        yield f"  没看懂的 {len(stored.not_understood)} 行（原文在定稿里都留着）："
        yield from (f"    第 {number} 行：{line}" for number, line in stored.not_understood)


def _listed(numbers: list[int]) -> str:
    return "、".join(map(talk_name, numbers))


def _known_form(file: Path) -> None:
    if file.suffix not in FORMS:
        raise CannotBackUp(f"{file}：文件名要以 {'、'.join(FORMS)} 结尾")
