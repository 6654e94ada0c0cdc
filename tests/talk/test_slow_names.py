"""Names that hang and hosts that are slow hold nobody else up."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from plugins._talk.web import fetch
from plugins._talk.web.fetch import AT_ONCE_OF_DOMAIN, AT_ONCE_OF_HOST, Unreachable
from tests.web import Web, answer


@pytest.fixture
async def web(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Web]:
    monkeypatch.setattr(fetch, "NAME_SECONDS", 0.2)
    async with Web().open("a.com", "slow.com") as opened:
        yield opened


async def test_a_dozen_names_that_hang_hold_no_other_up(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    known = web.resolve

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        if "hangs" in host:
            await asyncio.Event().wait()
        return await known(host, port)

    monkeypatch.setattr(web, "resolve", resolve)
    web.pages["a.com/"] = answer("there")
    fetcher = web.fetcher()
    hanging = [asyncio.create_task(fetcher.get(f"http://n{each}.hangs.example/")) for each in range(12)]
    others = [asyncio.create_task(fetcher.get(f"http://hangs{each}.org/")) for each in range(12)]
    await asyncio.sleep(0)
    async with asyncio.timeout(1):
        assert (await fetcher.get("http://a.com/")).body == b"there"
    outcomes = await asyncio.gather(*hanging, *others, return_exceptions=True)
    assert {type(each) for each in outcomes} == {Unreachable}
    # two below one domain at once, and then the domain is left alone for a while
    assert len([each for each in asked if each.endswith("hangs.example")]) == AT_ONCE_OF_DOMAIN
    with pytest.raises(Unreachable, match="did not answer"):
        await fetcher.get("http://n99.hangs.example/")


async def test_a_slow_host_takes_two_places(web: Web) -> None:
    there = most = 0
    go_on = asyncio.Event()

    async def slow(writer: asyncio.StreamWriter) -> None:
        nonlocal there, most
        there += 1
        most = max(most, there)
        await go_on.wait()
        there -= 1
        writer.write(answer("late"))
        await writer.drain()

    web.pages |= {f"slow.com/{each}": slow for each in range(8)} | {"a.com/": answer("there")}
    fetcher = web.fetcher()
    waiting = [asyncio.create_task(fetcher.get(f"http://slow.com/{each}")) for each in range(8)]
    async with asyncio.timeout(2):
        assert (await fetcher.get("http://a.com/")).body == b"there"
    go_on.set()
    assert {(await each).body for each in waiting} == {b"late"}  # who waited for a place was not too slow
    assert most == AT_ONCE_OF_HOST
