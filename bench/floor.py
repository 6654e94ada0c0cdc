"""The floor: a bare NoneBot that echoes, with nothing stored."""

import nonebot
from nonebot import on_command
from nonebot.adapters.onebot.v11 import Adapter, Bot, GroupMessageEvent, MessageSegment

nonebot.init(driver="~fastapi", log_level="WARNING")
nonebot.get_driver().register_adapter(Adapter)


@on_command("news").handle()
async def echo(bot: Bot, event: GroupMessageEvent) -> None:
    message = MessageSegment.reply(event.message_id) + MessageSegment.text(event.get_plaintext())
    await bot.send_group_msg(group_id=event.group_id, message=message)


if __name__ == "__main__":
    nonebot.run(app=None)
