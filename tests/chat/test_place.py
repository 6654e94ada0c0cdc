"""Where a talk meets, wherever people look for it."""

from plugins._talk.documents.agenda import compile_agenda
from plugins._talk.render.markdown import agenda_document
from plugins._talk.render.picture import agenda_data
from tests.chat.evening import Evening
from tests.pages import talk_html
from tests.people import AKAI, LINXI

WHERE = "腾讯会议 123 <b>入口</b>"


async def test_where_it_meets_is_said_everywhere(evening: Evening) -> None:
    await evening.says(LINXI, "/claim 主持人")
    assert (await evening.says(AKAI, "/会议 我家"))[0] == "这个要由 004 期的主持人、编辑或群管理来做"
    assert await evening.says(LINXI, f"/会议 {WHERE}") == [f"004 期在 {WHERE}"]
    assert f"在哪开：{WHERE}" in (await evening.says(AKAI, "/本期"))[0].split("\n")
    agenda = await evening.service.db.read(compile_agenda, evening.service.series, 4)
    assert "- 在哪开：腾讯会议 123 \\<b>入口\\</b>" in agenda_document(agenda).document
    assert "在哪开：腾讯会议 123 &lt;b&gt;入口&lt;/b&gt;" in talk_html(agenda)
    assert agenda_data(agenda, 100, None)["place"] == WHERE
    assert any(f"在哪开：{WHERE}" in each for each in await evening.at(28, 20, 30))
    await evening.at(28, 21)
    await evening.says(LINXI, "/开始")
    assert f"在哪开：{WHERE}" in (await evening.later(seconds=1))[0]
    await evening.says(LINXI, "/会议 取消")
    assert "在哪开" not in (await evening.says(AKAI, "/本期"))[0]
    assert "最多 200 字" in (await evening.says(LINXI, f"/会议 {'长' * 201}"))[0]
