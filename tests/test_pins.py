"""The reason for a version that is held back, as a test that passes as soon as the reason is gone.

anyio: every dependency of every matcher is a task in a task group. With 4.13 a group of three tasks makes 146 Python
calls and takes 67-95 µs, with 4.14 and 4.16 242-245 calls and 139-142 µs; a bare echo answers 3.8 against 2.9 times a
floor's rate. To try a newer one: `pip install --target T anyio`, then `PYTHONPATH=T pytest tests/test_pins.py`.
"""

import sys
from typing import Any

import anyio

CALLS = 160


async def _nothing() -> None:
    pass


async def _three_tasks() -> None:
    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(_nothing)


async def test_a_task_group_of_anyio_is_cheap() -> None:
    calls = 0

    def count(_frame: object, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event == "call"

    await _three_tasks()
    before = sys.getprofile()
    sys.setprofile(count)
    await _three_tasks()
    sys.setprofile(before)
    assert calls <= CALLS, "costs more than anyio 4.13 did; with this version the pin stays"
