"""Reading a series' TOML file: one community's own, or the built-in one."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import reduce
from pathlib import Path
from typing import Any, cast, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from plugins._talk.problems import Problems, explained, shown
from plugins._talk.series import Series

BUILT_IN = Path(__file__).with_name("openllm.toml")
LARGEST = 256_000  # bytes; the built-in file has 12,000

Place = tuple[int | str, ...]


class BadSeries(Problems):
    """A TOML file that does not describe a series."""


def load_series(path: Path | None = None) -> Series:
    """Read a series' TOML file (default: the built-in OpenLLM Talk). Raises BadSeries with all that is wrong in it."""
    source, written = path or BUILT_IN, ""
    try:
        if source.stat().st_size > LARGEST:
            raise BadSeries(f"{source}：超过 {LARGEST // 1_000} KB，不像是系列的设置")
        written = source.read_text("utf-8-sig")  # Windows' Notepad begins UTF-8 with a byte order mark
        series = Series.model_validate(tomllib.loads(written))
    except FileNotFoundError as error:
        raise BadSeries(f"{source}：没有这个文件") from error
    except OSError as error:
        raise BadSeries(f"{source}：{error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadSeries(f"{source}：不是 UTF-8 编码，请用 UTF-8 另存一次") from error
    except tomllib.TOMLDecodeError as error:
        raise BadSeries(_not_toml(source, written, error)) from error
    except RecursionError as error:
        raise BadSeries(f"{source}：括号套得太深") from error
    except ValidationError as error:
        found = lines(written)
        causes = sorted(_causes(error), key=lambda each: _line(found, each) or LARGEST)
        raise BadSeries(*(_told(source, _line(found, each), each) for each in causes)) from error
    own = series.texts.template
    if own is None:
        return series
    return series.model_copy(update={"texts": series.texts.model_copy(update={"template": source.parent / own})})


def _not_toml(source: Path, written: str, error: tomllib.TOMLDecodeError) -> str:
    """Where the syntax is wrong, with that line; tomllib says `… (at line 3, column 7)` or `… (at end of document)`."""
    told = re.search(r"\(at line (\d+), column", str(error))
    if told is None:
        return f"{source}：TOML 写法不对：最后少了引号或括号（{error}）"
    number = int(told[1])
    line = shown(written.split("\n")[number - 1].strip())
    return f"{source} 第 {number} 行：TOML 写法不对：{line}（文字要加引号，引号和括号要成对）"


def _causes(error: ValidationError) -> list[ErrorDetails]:
    """The errors, in one line each; what is missing because its name is misspelt is told by the misspelt name."""
    found = error.errors(include_url=False)
    misspelt = {(*each["loc"][:-1], near) for each in found if (near := _nearest(each)) is not None}
    return [
        each
        for each in found
        if not (each["type"] == "missing" and each["loc"] in misspelt)
        and not (each["type"] == "too_short" and any(_is_within(other["loc"], each["loc"]) for other in found))
    ]


def _is_within(inner: Place, outer: Place) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def _line(found: Mapping[Place, int], error: ErrorDetails) -> int | None:
    """The line of what is wrong, or of the table or list that it is in."""
    place = error["loc"]
    begun = (line for at, line in found.items() if place and at[: len(place)] == place)  # a list of tables
    around = (found[place[:end]] for end in range(len(place), 0, -1) if place[:end] in found)
    return next(around, None) or next(begun, None)


def _told(source: Path, line: int | None, error: ErrorDetails) -> str:
    place = error["loc"]
    where = f"{source} 第 {line} 行" if line else str(source)
    what = ".".join(str(step + 1 if isinstance(step, int) else step) for step in place)
    near = _nearest(error)
    hint = f"，是不是 {near}？" if near else ""
    plain = isinstance(error["input"], str | int | float) and error["type"] not in ("extra_forbidden", "missing")
    given = f" = {shown(error['input'])}" if plain else ""
    return f"{where}：{what}{given}：{explained(error)}{hint}" if what else f"{where}：{explained(error)}"


def _nearest(error: ErrorDetails) -> str | None:
    """The known key that an unknown one is most like."""
    if error["type"] != "extra_forbidden":
        return None
    *place, key = error["loc"]
    model = reduce(_within, place, Series)
    close = get_close_matches(str(key), model.model_fields if model else (), n=1)
    return close[0] if close else None


def _within(model: type[BaseModel] | None, step: int | str) -> type[BaseModel] | None:
    """The model of a field's value, or of the entries of its list."""
    if model is None or isinstance(step, int) or step not in model.model_fields:
        return model
    return next(_models(model.model_fields[step].annotation), None)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def lines(written: str) -> dict[Place, int]:
    """The line on which each table and key of a TOML document begins; tomllib does not tell.

    Statements are read one by one: a header or a key with its value, which may extend over several lines.
    """
    found: dict[Place, int] = {}
    table: Place = ()
    statement, begins = "", 1
    for number, line in enumerate(written.splitlines(), 1):
        statement, begins = (f"{statement}\n{line}", begins) if statement else (line, number)
        try:
            read = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        is_header = line.lstrip().startswith("[") and "\n" not in statement
        statement = ""
        if is_header:
            table = _header(read, found)
            found[table] = begins
        else:
            for place in _keys(read):
                found.setdefault((*table, *place), begins)
    return found


def _header(read: Mapping[str, Any], found: Mapping[Place, int]) -> Place:
    """The place of a table that begins: `[[sections]]` is the next of the sections."""
    place: Place = ()
    inner: Any = read
    while isinstance(inner, dict) and inner:
        ((key, inner),) = cast(dict[str, Any], inner).items()
        place = (*place, key)
        count = sum(1 for each in found if each[:-1] == place and isinstance(each[-1], int))
        if isinstance(inner, list):
            place, inner = (*place, count), cast(list[Any], inner)[0]
        elif count and (*place, count - 1) in found:
            place = (*place, count - 1)
    return place


def _keys(read: Mapping[str, Any], above: Place = ()) -> Iterator[Place]:
    for key, value in read.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from _keys(cast(dict[str, Any], value), (*above, key))
