"""Before and after the evening: picking, themes, suggestions, joining, the minutes, and the ways of a file."""

import asyncio
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from plugins._onebot.group import Spoken
from tests.chat.evening import Evening
from tests.chat.loopback import PICTURE, text_of
from tests.chat.test_discussion import Album, picture, words
from tests.chat.test_pages import web
from tests.people import AKAI, LINXI, MOMO, SUC, XU, Account, Clock

CANNOT = {"status": "failed", "retcode": 1200, "data": None, "wording": "rich media transfer failed"}
TIMEOUT = {"status": "failed", "retcode": 1200, "data": None, "wording": "Timeout: NTEvent"}
LAGRANGE = {"status": "ok", "retcode": 0, "data": {"app_name": "Lagrange.OneBot"}}


async def test_choosing(evening: Evening) -> None:
    await evening.plays(
        """
        12:00 林溪: /认领 推荐
        bot> 004 期的推荐负责人就是你啦，谢谢！
        12:00 阿凯: /rec https://a.com/1 推理框架
        bot> 004 期本周推荐 #1 已收录：推理框架
        12:00 阿凯: /classic 量化
        bot> 004 期本周经典 #2 提名已记下：量化
        |有链接的话发 /补充 #2 链接
        12:00 suc16: /投票 #2
        bot> 004#2 记下你也推荐：量化
        12:00 林溪: /选定 #1
        bot> 004#1 选定了：推理框架
        |本周推荐现在讲 1/3 条：#1
        12:00 林溪: /选定 #2
        bot> 这个要由 004 期的主持人、编辑、经典负责人或群管理来做
        12:00 Momo ↩量化: /选定
        bot> 004#2 选定了：量化
        |本周经典现在讲 1 条：#2
        12:00 Momo: /选定 #2 取消
        bot> 004#2 不选了：量化
        |本周经典还没选定要讲的
        12:00 Momo: /主题 经典 GPTQ 和 AWQ
        bot> 004 期本周经典的主题：GPTQ 和 AWQ
        12:00 Momo: /主题 经典 取消
        bot> 004 期本周经典不再有主题
        12:00 阿凯: /主题 经典
        bot> 本周经典的主题是什么？例：/主题 经典 入门
        12:00 阿凯: /建议 实践 专门做一期数据专题
        bot> 004 期本周实践的建议区记下了：专门做一期数据专题
        12:00 阿凯: /建议 没有这个版块
        bot> 先写版块（新闻、推荐、经典、实践、Free Talk），再写内容。例：/建议 新闻 没有这个版块
        """,
        day=23,
    )
    said = evening.found("/建议 实践 专门做一期数据专题")
    await evening.notices(
        notice_type="group_recall", message_id=said.message_id, user_id=AKAI.user_id, operator_id=AKAI.user_id
    )
    assert text_of(evening.onebot.group.messages[-1]) == "阿凯 的建议随消息撤回：专门做一期数据专题"


@pytest.fixture
async def held(evening: Evening, tmp_path: Path) -> Evening:
    """004 was run by the clock, and has a picture."""
    evening.service.pictures = Album(evening.service.db, evening.service.now)
    await evening.says(LINXI, "/认领 主持人")
    await evening.says(LINXI, "/认领 新闻")
    await evening.says(AKAI, "/news https://a.com/1 长驼")
    await evening.speaks(AKAI, [words("/add #1 讲稿"), picture("curve")])
    await evening.at(28, 21)
    await evening.says(LINXI, "/开始")
    await evening.later(minutes=2)
    await evening.says(LINXI, "/下一项")
    await evening.later(minutes=13)
    await evening.says(LINXI, "/结束")
    await evening.later(minutes=1)
    return evening


async def test_the_minutes_are_files_and_a_picture(held: Evening) -> None:
    assert (await held.says(LINXI, "/纪要"))[-1].split("\n") == [
        "004 期的纪要放进群文件了：OpenLLM-Talk-004-纪要.md，还有贴到知乎、公众号用的 .html",
        "配图一起打包在 OpenLLM-Talk-004-纪要.zip",
        "标题：【OpenLLM Talk 004】本期提要: 长驼",
    ]
    document, pasted, packed = held.onebot.group.files
    assert pasted.name == "OpenLLM-Talk-004-纪要.html"
    text = document.body.decode()
    assert "【talk 视频】: 后续放出" in text
    with zipfile.ZipFile(io.BytesIO(packed.body)) as archive:
        names = sorted(archive.namelist())
        (shown,) = (name for name in names if "/pictures/" in name)
        assert names == [
            "OpenLLM-Talk-004-纪要/OpenLLM-Talk-004-纪要.md",
            shown,
            "OpenLLM-Talk-004-纪要/timeline.png",
        ]
        assert archive.read(names[0]).decode() == text
        assert f"![附图](pictures/{shown.rpartition('/')[2]})" in text
        assert archive.read(names[2]).startswith(b"\x89PNG")
    assert text_of(held.onebot.group.messages[-2]) == "OpenLLM Talk 004[image]"
    told = held.told(LINXI)[-1].split("\n")
    assert told[0] == "004 期有几处要留意（只告诉主持人）："
    assert told[-1] == "· 本周新闻超时 3 分钟"
    assert held.told(AKAI) == []
    assert await held.says(AKAI, "/纪要 004") == ["这个要由 004 期的主持人、编辑或群管理来做"]


async def test_the_page_to_be_pasted_carries_all_that_it_shows(held: Evening) -> None:
    """One file: no style sheet, no class, no address to load anything from."""
    await held.says(LINXI, "/纪要")
    page = held.onebot.group.files[1].body.decode()
    assert page.count('src="data:image/png;base64,') == 2  # the picture and the timeline
    assert not re.findall(r"<style|<link|<script|class=|src=\"(?!data:)", page)
    assert re.search(r'<h1 style="[^"]*font-size: ?20px', page)
    assert '<a href="https://a.com/1" style="' in page


async def test_minutes_made_again_replace_their_files_and_post_nothing_else(held: Evening) -> None:
    await held.says(LINXI, "/纪要")
    first = [each.file_id for each in held.onebot.group.files]
    said = await held.says(LINXI, "/纪要")
    assert [row for row in said if row] == said[-1:]  # beside the files nothing is posted, no timeline again
    assert [each.name for each in held.onebot.group.files] == [
        "OpenLLM-Talk-004-纪要.md",
        "OpenLLM-Talk-004-纪要.html",
        "OpenLLM-Talk-004-纪要.zip",
    ]
    assert not {each.file_id for each in held.onebot.group.files} & set(first)
    aftercare = (await held.at(29, 20))[0]
    assert "还差：文章、视频" in aftercare


async def upload(evening: Evening, who: Account, name: str, body: bytes) -> Spoken:
    """Somebody puts a file into the group."""
    evening.onebot.group.store(name, body, who.user_id)
    return evening.onebot.group.messages[-1]


async def test_an_edited_file_is_the_minutes_from_then_on(held: Evening) -> None:
    edited = "# 我改过的纪要\n\n**重点** <https://a.com/1>\n".encode()
    shared = await upload(held, LINXI, "改好的.md", edited)
    reply = {"type": "reply", "data": {"id": str(shared.message_id)}}
    await held.speaks(AKAI, [reply, words("/定稿")])
    assert text_of(held.onebot.group.messages[-1]).endswith("这个要由 004 期的主持人、编辑或群管理来做")
    await held.speaks(LINXI, [reply, words("/定稿")])
    assert text_of(held.onebot.group.messages[-1]).endswith("004 期的纪要以这份为准了")
    assert (await held.says(LINXI, "/纪要"))[-1].endswith("这是定稿；回到自动整理的发 /定稿 取消")
    document, pasted = (
        each
        for each in held.onebot.group.files
        if each.name.endswith((".md", ".html")) and each is not held.onebot.group.files[0]
    )
    assert document.body == edited
    assert "我改过的纪要" in pasted.body.decode()
    assert (await held.says(LINXI, "/定稿 取消"))[-1] == "004 期的纪要回到自动整理的了，发 /纪要 看看"
    assert (await held.says(LINXI, "/定稿 取消"))[-1] == "004 期没有定稿，现在就是自动整理的"
    await held.says(LINXI, "/纪要")
    assert any(each.body.startswith(b"# OpenLLM Talk 004") for each in held.onebot.group.files)


@pytest.mark.parametrize(
    ("name", "body", "answer"),
    [
        ("纪要.docx", b"PK", "纪要.docx 不是 Markdown 文件（.md），没有改动"),
        ("纪要.md", b"  \n", "这个文件是空的，没有改动"),
        ("纪要.md", b"\xff\xff\x00\x81", "这个文件不是文字，没有改动"),
        ("纪要.md", "长".encode() * 200_001, "定稿最长 20 万字，这个太长了"),
        ("纪要.md", "字".encode() * 800_000, "这个文件取不下来（文本文件，2 MB 以内）。重新上传一次再试"),
        ("纪要.md", "国标编码".encode("gb18030"), "004 期的纪要以这份为准了"),
        ("纪要.md", b"\xef\xbb\xbfutf-8", "004 期的纪要以这份为准了"),
    ],
)
async def test_what_cannot_be_the_minutes_changes_nothing(held: Evening, name: str, body: bytes, answer: str) -> None:
    shared = await upload(held, LINXI, name, body)
    await held.speaks(LINXI, [{"type": "reply", "data": {"id": str(shared.message_id)}}, words("/定稿")])
    assert text_of(held.onebot.group.messages[-1]).partition("]")[2] == answer


async def test_a_finished_file_is_the_page_too(held: Evening) -> None:
    from plugins.web import open_pages

    held.service.public_url = "https://talk.example.org"
    open_pages()
    shared = await upload(held, LINXI, "改好的.md", "# 我改过的纪要\n\n<script>alert(1)</script>\n".encode())
    async with web() as client:
        compiled = (await client.get("/talks/004/minutes")).text
        await held.speaks(LINXI, [{"type": "reply", "data": {"id": str(shared.message_id)}}, words("/定稿")])
        finished = (await client.get("/talks/004/minutes")).text
        assert "<h2>我改过的纪要</h2>" in finished
        assert "<script>" not in finished
        assert "开场" not in finished
        await held.says(LINXI, "/定稿 取消")
        assert (await client.get("/talks/004/minutes")).text == compiled


async def test_a_reply_to_no_file_says_how(held: Evening) -> None:
    assert await held.says(LINXI, "/定稿") == ["把改好的 Markdown 文件发到群里，再回复它发 /定稿"]


async def test_with_pages_its_pictures_are_live(held: Evening) -> None:
    held.service.public_url = "https://talk.example.org"
    await held.says(LINXI, "/纪要")
    document, pasted = held.onebot.group.files  # no ZIP is needed
    assert "![附图](https://talk.example.org/pictures/" in document.body.decode()
    assert "timeline.png" not in document.body.decode()
    assert pasted.body.count(b'src="data:image/png') == 2


async def test_a_file_that_the_group_does_not_take_goes_another_way(held: Evening) -> None:
    held.onebot.will("upload_group_file", CANNOT, times=6)
    said = (await held.says(LINXI, "/纪要"))[-1].split("\n")
    assert said[:2] == ["004 期的纪要没能放进群文件，私聊发你了", "带图的 ZIP 没传上去，可以再发一次 /纪要"]
    assert any(told.startswith("# OpenLLM Talk 004\n") for told in held.told(LINXI))
    held.service.public_url = "https://talk.example.org"
    held.onebot.will("upload_group_file", CANNOT, times=6)
    said = (await held.says(LINXI, "/纪要"))[-1].split("\n")
    assert said[0] == "004 期的纪要没能放进群文件，网页在 https://talk.example.org/talks/004/minutes"


async def test_an_implementation_that_takes_paths_gets_one(held: Evening) -> None:
    held.onebot.will("get_version_info", LAGRANGE, times=2)
    held.onebot.will("upload_group_file", {"status": "ok", "retcode": 0, "data": None}, times=2)
    said = (await held.says(LINXI, "/纪要"))[-1]
    assert said.startswith("004 期的纪要没能放进群文件")  # it says ok, and the file is not among the group's
    tried = [params["file"] for action, params in held.onebot.calls if action == "upload_group_file"]
    assert tried[0] == str(held.service.files.absolute() / "OpenLLM-Talk-004-纪要.md")
    put_down = await asyncio.to_thread(Path(tried[0]).read_bytes)
    assert put_down.startswith(b"# OpenLLM Talk 004\n")
    there = {
        "files": [{"file_name": "OpenLLM-Talk-004-纪要.md", "file_size": len(put_down), "file_id": "/1"}],
        "folders": [],
    }
    held.onebot.will("get_version_info", LAGRANGE, times=2)
    held.onebot.will("upload_group_file", {"status": "ok", "retcode": 0, "data": None}, times=2)
    held.onebot.will("get_group_root_files", {"status": "ok", "retcode": 0, "data": there}, times=2)
    assert (await held.says(LINXI, "/纪要"))[-1].startswith("004 期的纪要放进群文件了")


async def test_an_upload_whose_fate_is_unknown_is_looked_up_and_not_sent_again(held: Evening) -> None:
    held.onebot.will("upload_group_file", TIMEOUT, arrives=True)
    assert (await held.says(LINXI, "/纪要"))[-1].startswith("004 期的纪要放进群文件了")
    sent = [action for action, _ in held.onebot.calls if action == "upload_group_file"]
    assert len(sent) == 3  # the document, the page and the ZIP, each once


async def test_an_older_file_of_the_same_name_is_not_taken_for_the_new_one(held: Evening) -> None:
    await held.says(LINXI, "/纪要")
    await held.says(LINXI, "/article https://zhuanlan.zhihu.com/p/1")
    await held.says(LINXI, "/video https://b.com/v")  # the document is longer now
    held.onebot.will("upload_group_file", TIMEOUT)
    assert (await held.says(LINXI, "/纪要 004"))[-1].startswith("004 期的纪要没能放进群文件，私聊发你了")


async def test_joining(evening: Evening, clock: Clock, tmp_path: Path) -> None:
    evening.service.pictures = Album(evening.service.db, evening.service.now)
    group = "QQ 群：羡鱼智能-OpenLLM技术 交流群 740679327\n微信群：请优先加入微信群,如果失效则加入QQ群再私聊我进微信群"
    assert await evening.says(AKAI, "/加入") == [group]
    await evening.speaks(AKAI, [words("/加入 12-01"), picture("qr")])
    assert text_of(evening.onebot.group.messages[-1]).endswith("这个要由 004 期的主持人、编辑或群管理来做")
    await evening.speaks(MOMO, [words("/加入 12-01"), picture("qr")])
    told = "新的二维码收好了，12 月 01 日前有效。到期前两天我来提醒换新"
    assert text_of(evening.onebot.group.messages[-1]).endswith(told)
    shown, said = await evening.says(AKAI, "/join")
    assert "微信群二维码[image]" in (shown, text_of(evening.onebot.group.messages[-2]))
    assert said == f"{group}\n二维码 12 月 01 日前有效"
    clock.at = clock.at.replace(day=29, hour=15)
    assert not [row for row in await evening.later(minutes=59) if "二维码" in row]
    asked = [row for row in await evening.later(minutes=1) if "二维码" in row]  # two days before that day ends
    assert asked == [f"@{MOMO.user_id} 入群二维码 12-01 就到期了，有空时发张新的：图片配上 /加入 到期日"]
    await evening.speaks(MOMO, [words("/加入 7天"), picture("fresh")])
    assert not [row for row in await evening.later(days=2, hours=1) if "二维码" in row]  # the new one is good
    clock.forward(days=7)
    assert (await evening.says(AKAI, "/加入"))[-1] == f"{group}\n微信群二维码过期了，等主持人换新的"


async def test_warnings_before_the_session_go_to_the_host_alone(evening: Evening) -> None:
    await evening.says(LINXI, "/认领 主持人")
    await evening.says(AKAI, "/news 听说百川要发 13B")
    posted = await evening.at(28, 20, 30)
    assert posted[1:] == ["[forward]", PICTURE]
    assert evening.told(LINXI) == [
        "004 期有几处要留意（只告诉主持人）：\n· 还没写在哪开（发 /会议 会议号或链接）\n"
        "· 还没人认领：编辑、新闻负责人、推荐负责人\n"
        "· 本周新闻没有链接：#1（发 /补充 #编号 链接）\n· 本周推荐还空着"
    ]
    assert evening.told(AKAI) == []


@pytest.mark.parametrize("answer", [CANNOT, None])
async def test_an_agenda_without_its_picture_is_an_agenda(evening: Evening, answer: dict[str, Any] | None) -> None:
    said = {"status": "ok", "retcode": 0, "data": {"message_id": 1}}
    evening.onebot.will("send_group_msg", said, arrives=True)
    evening.onebot.will("send_group_msg", answer)
    posted = await evening.at(28, 20, 30)
    assert [row.split("\n")[0] for row in posted] == ["【OpenLLM Talk 004】2026-11-28 周六 21:00", "[forward]"]
    assert (await evening.states())["agenda"] == "sent"
    assert not [told for told in evening.told(XU) if "议程" in told]


async def test_a_host_hears_that_the_whisper_did_not_arrive(evening: Evening) -> None:
    await evening.says(SUC, "/认领 主持人")
    evening.onebot.will("send_private_msg", CANNOT)
    said = (await evening.says(SUC, "/议程"))[-1].split("\n")
    assert said == [
        "004 期议程已发，群文件里有 OpenLLM-Talk-004.md",
        "有 3 处要留意，私聊没发出去：加我好友后再发一次 /议程",
    ]
