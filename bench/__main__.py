"""`python -m bench [part …]`: measure these parts, or all of them and write what came out into docs/benchmarks.md."""

import asyncio
import sys
import time
from importlib import import_module

from bench import report
from bench.figures import Figure

PARTS = ("messages", "documents", "picture", "search", "growth", "web", "groups", "catching_up", "postgres")


async def main(asked: list[str]) -> None:
    """Measure, print, and with all parts write."""
    began, figures = time.perf_counter(), list[Figure]()
    for part in asked or PARTS:
        for figure in await import_module(f"bench.{part}").measure():
            print(figure, flush=True)
            figures.append(figure)
    minutes = (time.perf_counter() - began) / 60
    print(f"{sum(each.is_met for each in figures)} of {len(figures)} reached, in {minutes:.1f} minutes")
    if not asked:
        report.write(figures, minutes)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
