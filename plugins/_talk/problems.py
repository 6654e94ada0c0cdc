"""What is wrong with settings and series: all of it at once, in the operator's words."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import ErrorDetails

SHOWN = 60  # characters of a wrong value


class Problems(Exception):
    """Something that people wrote cannot be used; each of `problems` is one line that says where and what to write."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


_SAYS: Mapping[str, str] = {
    "missing": "缺这一项",
    "extra_forbidden": "没有这一项",
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "finite_number": "应为数字",
    "string_type": '应为文字，例 "…"',
    "string_too_short": "不能为空",
    "string_too_long": "最多 {max_length} 个字",
    "greater_than": "要大于 {gt}",
    "greater_than_equal": "至少为 {ge}",
    "less_than": "要小于 {lt}",
    "less_than_equal": "最多为 {le}",
    "literal_error": "应为 {expected} 之一",
    "tuple_type": '应为列表，例 ["…"]',
    "list_type": '应为列表，例 ["…"]',
    "too_short": "至少要有 {min_length} 个",
    "time_type": '应为时间，例 "21:00"',
    "time_parsing": '应为时间，例 "21:00"',
    "date_type": "应为日期，例 2026-12-02",
    "date_from_datetime_parsing": "应为日期，例 2026-12-02",
    "date_parsing": "应为日期，例 2026-12-02",
    "model_type": "应为一组设置，例 { … }",
    "dict_type": "应为一组设置，例 { … }",
    "string_pattern_mismatch": "格式不对（{pattern}）",
}


def explained(error: ErrorDetails) -> str:
    """A validation error in Chinese, without saying where it is."""
    if error["type"] in ("value_error", "assertion_error"):
        return error["msg"].partition(", ")[2]
    context: dict[str, Any] = {"expected": "", **error.get("ctx", {})}
    context["expected"] = str(context["expected"]).replace(" or ", ", ").replace("'", '"')
    told = _SAYS.get(error["type"])
    return told.format_map(context) if told else error["msg"]


def shown(value: object) -> str:
    """A wrong value in one short line."""
    return str(value).replace("\n", " ")[:SHOWN]
