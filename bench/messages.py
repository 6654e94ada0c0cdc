"""A `/news <link> <words>` that is stored and answered, and chat, against a bare echo with nothing stored."""

import asyncio
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure, compared
from bench.processes import BOT, FLOOR, Program, event, news, running, time_to_listen

ROUNDS, MESSAGES = 7, 400
CHAT, COMMANDS = 1_500, 1_500
STARTS = 7
FEW, MANY = 5_000, 50_000  # commands between which memory is to stay
WITH_COMMANDS = str(Path(__file__).with_name("with_commands.py"))
ECHO = "echo"


async def measure() -> list[Figure]:
    with TemporaryDirectory() as folder:
        floor, bot = Path(folder) / "floor", Path(folder) / "bot"
        starts = await _starts(floor, bot)  # before the database is full
        return [*await _messages(floor, bot), *starts, *await _registries(Path(folder))]


async def _messages(floor_folder: Path, bot_folder: Path) -> list[Figure]:
    async with running(FLOOR, floor_folder) as floor, running(BOT, bot_folder) as bot:
        rounds = [await _round(floor, bot) for _ in range(ROUNDS + 1)][1:]  # the first one warms up
        memory = [await _memory_after(each, COMMANDS) for each in (floor, bot)]
        grown = await _growth(bot)
    rates, tails, medians, chats = ([each[kind] for each in rounds] for kind in range(4))
    return [
        compared(name="/news, rate at 50 in flight", against=ECHO, rounds=rates, unit="/s", reach=1.0, at="least"),
        compared(name="/news, p99 at 50 in flight", against=ECHO, rounds=tails, unit="ms", reach=1.0),
        compared(name="/news, median at 1 in flight", against=ECHO, rounds=medians, unit="ms", reach=1.2),
        compared(name="CPU of a message that is no command", against=ECHO, rounds=chats, unit="ms", reach=0.3),
        Figure(
            name=f"memory after {COMMANDS:,} commands",
            against="–",
            values=[memory[1]],
            reach=110,
            unit="MB",
            detail=f"the echo: {memory[0]:.0f} MB",
        ),
        Figure(
            name=f"memory after {MANY:,} commands",
            against=f"after {FEW:,}",
            values=[grown[1] / grown[0]],
            reach=1.05,
            detail=f"{grown[1]:.0f} MB against {grown[0]:.0f} MB",
        ),
    ]


async def _round(floor: Program, bot: Program) -> list[tuple[float, float]]:
    """Rate, p99, median and CPU of chat, each of the bot and of the floor."""
    (floor_rate, floor_tail), (bot_rate, bot_tail) = [
        await each.many_at_once([news() for _ in range(MESSAGES)]) for each in (floor, bot)
    ]
    floor_median, bot_median = [await each.one_by_one([news() for _ in range(MESSAGES // 4)]) for each in (floor, bot)]
    floor_chat, bot_chat = [await chat(each) for each in (floor, bot)]
    return [(bot_rate, floor_rate), (bot_tail, floor_tail), (bot_median, floor_median), (bot_chat, floor_chat)]


async def chat(program: Program) -> float:
    """Milliseconds of processor time for a message that is no command, in a burst of them."""
    before = program.cpu
    for number in range(CHAT):
        await program.socket.send(json.dumps(event(f"今天天气不错，大家晚上一起来吧 {number}")))
    await program.ask(news())
    await asyncio.sleep(0.3)
    return (program.cpu - before) / CHAT * 1000


async def _memory_after(program: Program, commands: int) -> float:
    await program.many_at_once([news() for _ in range(commands)])
    return program.memory


async def _growth(bot: Program) -> tuple[float, float]:
    """The megabytes after FEW commands and after MANY."""
    few = await _memory_after(bot, FEW)
    return few, await _memory_after(bot, MANY - FEW)


async def _starts(floor_folder: Path, bot_folder: Path) -> list[Figure]:
    starts = [(await time_to_listen(FLOOR, floor_folder), await time_to_listen(BOT, bot_folder)) for _ in range(STARTS)]
    seconds = [(ours[0], theirs[0]) for theirs, ours in starts]
    memory = [ours[1] for _, ours in starts]
    echo = max(theirs[1] for theirs, _ in starts)
    return [
        compared(name="start to listening", against=ECHO, rounds=seconds, unit="s", reach=1.5),
        Figure(
            name="memory after the start",
            against="–",
            values=memory,
            reach=85,
            unit="MB",
            detail=f"the echo: {echo:.0f} MB",
        ),
    ]


async def _registries(folder: Path) -> list[Figure]:
    """Chat with 60 commands against chat with 5."""
    few, many = folder / "few", folder / "many"
    async with running((WITH_COMMANDS, "5"), few) as one, running((WITH_COMMANDS, "60"), many) as other:
        rounds = [(await chat(other), await chat(one)) for _ in range(5)][1:]
    name = "CPU of such a message with 60 commands"
    return [compared(name=name, against="5 commands", rounds=rounds, unit="ms", reach=1.2)]
