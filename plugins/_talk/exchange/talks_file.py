"""All talks as one JSON file, or as a ZIP file with the pictures beside it; read back, checked and bounded."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection
from sqlalchemy.exc import StatementError

from db.image_type import name_of
from db.queries import portable
from db.queries.portable import Rows
from plugins._talk.documents.private_numbers import without_numbers

FORMAT, VERSION = "talk-bot talks", 1
TALKS, PICTURES = "talks.json", "pictures/"
MOST_BYTES = 500_000_000  # of JSON, and of all pictures together, once they are unpacked
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that ZIP knows: the same content makes the same file


class NotTalks(Exception):
    """A file that is not what it should be; the message says why."""


@dataclass(frozen=True)
class Taken:
    """The numbers of the talks that were taken in, and of those that were there already."""

    talks: list[int]
    left_out: list[int]


def written(connection: Connection, series: str, *, with_pictures: bool = False) -> str:
    """All talks as JSON. QQ numbers of members in texts become names, as in every document."""
    rows = portable.dump(connection, with_pictures=with_pictures)
    whole = {"format": FORMAT, "version": VERSION, "series": series, **_without_numbers(connection, rows)}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def packed(connection: Connection, series: str) -> bytes:
    """The same as a ZIP file, with the pictures that the talks show."""
    text, file = written(connection, series, with_pictures=True), io.BytesIO()
    names = [row["name"] for row in json.loads(text)["pictures"]]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(TALKS, _EPOCH), text.encode(), zipfile.ZIP_DEFLATED)
        for name, content in portable.pictures(connection, names):
            archive.writestr(zipfile.ZipInfo(f"{PICTURES}{name}", _EPOCH), content, zipfile.ZIP_STORED)
    return file.getvalue()


def read(text: str) -> Rows:
    """The rows of a JSON file. Raises NotTalks."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotTalks(f"不是 JSON：{error}") from error
    if not isinstance(whole, dict) or cast(Any, whole).get("format") != FORMAT:
        raise NotTalks("不是 export 写出来的文件")
    rows = cast(dict[str, Any], whole)
    if rows.get("version") != VERSION:
        raise NotTalks(f"是第 {rows.get('version')} 版的格式，这个程序认得第 {VERSION} 版")
    return {name: found for name, found in rows.items() if isinstance(found, list)}


def unpacked(body: bytes) -> tuple[Rows, Mapping[str, bytes]]:
    """The rows and pictures of a ZIP file. Raises NotTalks, also for pictures that are not what their names say."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            if sum(each.file_size for each in archive.infolist()) > 2 * MOST_BYTES:
                raise NotTalks("解开以后太大了")
            rows = read(archive.read(TALKS).decode())
            names = [name for name in archive.namelist() if name.startswith(PICTURES)]
            contents = {name.removeprefix(PICTURES): archive.read(name) for name in names}
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError, NotImplementedError, RuntimeError) as error:
        raise NotTalks(f"不是 export 写出来的 ZIP：{error}") from error
    for name, content in contents.items():
        if name_of(content) != name:
            raise NotTalks(f"图片 {name} 的内容和名字对不上")
    return rows, contents


def take_in(connection: Connection, rows: Rows, contents: Mapping[str, bytes]) -> Taken:
    """Store the talks that are not there yet. Raises NotTalks; then nothing is stored, if the caller rolls back."""
    try:
        return Taken(*portable.load(connection, rows, contents))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise NotTalks(f"缺了或写错了什么：{error!r}") from error
    except StatementError as error:  # among them what the constraints turn down
        raise NotTalks(f"有一行不合规则：{error.orig or error}") from error


def _without_numbers(connection: Connection, rows: Rows) -> Rows:
    """The rows with names in place of QQ numbers, in what people wrote."""
    texts = [
        (row, name)
        for table, found in rows.items()
        for row in found
        for name, value in row.items()
        if isinstance(value, str) and (table, name) not in _KEYS and name not in ("url", "key", "code", "picture")
    ]
    clean = without_numbers(connection, tuple(row[name] for row, name in texts))
    for (row, name), value in zip(texts, clean, strict=True):
        row[name] = value
    return rows


_KEYS = {("pictures", "name")}
