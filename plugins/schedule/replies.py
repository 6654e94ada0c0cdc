"""Reply texts about scheduling."""

from plugins._chat.commands.call import Reply
from plugins._talk.calendar.slots import say_when
from plugins._talk.lifecycle import talk_name
from plugins._talk.series import Series
from plugins._talk.usecases.reopening import Again, Reopened


def reopened(done: Reopened, series: Series) -> Reply | None:
    """The talk's new state; None if the announcement to all groups covers it."""
    name = talk_name(done.talk.number)
    match done.again:
        case Again.ON_TIME:
            return None
        case Again.COLLECTING:
            return Reply(f"{name} 期又回到开场以前：{say_when(done.talk.scheduled_at, series)} 开始，继续收集")
        case Again.LIVE:
            return Reply(f"{name} 期接着开，{series.host.name}发 /下一项 往下走；已经带去下期的内容还留在下期")
        case Again.HELD:
            return Reply(f"{name} 期的发布撤回了，内容又能改；要接着开就再发一次 /重开 {name}")
