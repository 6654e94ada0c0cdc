"""The evening itself, as it reads in the group."""

from tests.chat.evening import Evening


async def test_an_evening(evening: Evening) -> None:
    await evening.at(28, 12)
    await evening.plays("""
        12:00 林溪: /news https://a.com/1 MOSS-RLHF
    """)
