"""The document that it all ends in: the seed's content, sent in by its people, comes out as the seed has it.

What differs is named here, and nothing else may.
"""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plugins._onebot.script import Says, read
from plugins._talk.links.canonical import find_links
from tests.people import GROUP, PEOPLE, Account
from tests.process.bot_process import PATIENCE, BotProcess, Night, connected, make_group, meets_at, open_talk_at

SEED = Path(__file__).with_name("seed")
WEEK = Path(__file__).parents[2] / "plugins" / "sandbox" / "week.txt"
HEADINGS = """序章
背景介绍
本期记录
注意事项
本周新闻
学术
项目
工业界
本周推荐
资料
模型
项目
杂项
本周经典-optional
本周实践-optional
Free Talk
线上讨论:
群里讨论:
参考资料
后续计划
加入/赞助我们
往期精彩""".split("\n")

# The seed was read off pictures of pages; where that went wrong, ours has what stood there.
MISREAD = {
    "LLM/Al": "LLM/AI",
    "OpenAl ": "OpenAI ",
    "OpenAlWiki": "OpenAIWiki",
    "Imdeploy": "lmdeploy",
    "GitHublu": "GitHub",
    "Iora": "lora",
    "PO;": "P0;",
    "羨": "羡",
    "知平": "知乎",
    "10.fp16": "10. fp16",
}
# Lines that the seed has and ours has not, each with the reason.
LEFT_OUT = {
    "【时间】: 20230715 晚上九点 (每周六晚上九点, 节假日顺延)": "this evening is another day",
    "【版块负责人】: 多人(后续每期由大家自行认领)": "nobody leads a section here, and ours says who does",
    "【贡献者】: 羨鱼(编辑)+OpenLLM 群友": "ours names everybody who asked or answered",
    "ztxz16/fastllm: 纯 c++的全平台 llm 加速库,支持 python 调用, chatglm-6B 级模型单 卡可达 10000+token / s,支持 glm, llama, moss 基座, 手机端流畅运行 (github.com)": (
        "the site's name in brackets is the link itself"
    ),
    "文章原文: https://semianalysis.com/p/gpt-4-architecture-infrastructure": "the item's own link, above its text",
    "智谱 AI 开放平台 (bigmodel.cn)": "the site's name in brackets is the link itself",
    "Imdeploy/README\\_zh-CN.md at main · InternLM/Imdeploy · GitHublu": "ours writes a hyphen before the site",
    "垂直领域大模型的一些思考及开源模型汇总 - 刘聪 NLP 的文章 - 知乎 https://zhuanlan.zhihu.com/p/642611747": (
        "in ours the credit stands between title and link"
    ),
    "【Free Talk】自由提问,自由讨论;在文档里提问或者在群里提问,建议尽量在此汇总;如果群里已经有比较好的讨论结果,也可以将讨论结果搬运过来;时间不限;": (
        "ours has the colon that all labels have"
    ),
    "https://link.zhihu.com/?target=https%3A//github.com/LC1332/Chat-Haruhi-Suzumiya 【骆驼开源】Chat 凉宫春日,将京阿尼的人物带到现实 https://zhuanlan.zhihu.com/p/636381450": (
        "ours leads there directly, without Zhihu's redirect"
    ),
    "【【OpenLLM Talk 003】SuperCLUE-Open;文心盘古; chatlaw; LLM 综述; NTK-Aware Scaled RoPE; GLM 讲座】 【精准空降到 10:10】": (
        "the video's own title; ours has where to start"
    ),
    "https://www.bilibili.com/video/BV1Kh4y1E7nX/?share\\_source=copy\\_web&vd\\_source=9e": "without the tracking",
    "https://www.bilibili.com/video/BV1Kh4y1E7nX/?share\\_source=copy\\_web&vd\\_source=9e7882f0ef2735e23d66a6f128612943&t=610": (
        "without the tracking"
    ),
    "2306.17806.pdf (arxiv.org)": "the link itself stands there",
    "refs:": "nothing stands under it; ours has 参考资料",
    "(二维码过期了!)": "nobody has brought a code yet, so none has expired",
    "群聊: 羨鱼智能-OpenLLM技术 交流群": "words of the WeChat picture",
    "该二维码7天内(7月24日前)有效, 重新进入将更新": "words of the WeChat picture",
    "# 羡鱼智能-OpenLL...": "words of the QQ picture",
    "扫一扫二维码,加入群聊。": "words of the QQ picture",
    "/ QQ": "words of the QQ picture",
}
# Links that the seed lost (a name stands where one was), or that ours gives in another place.
MORE = {
    "学术": ["huggingface.co/papers", "mp.weixin.qq.com/s/PqoAoAwGD-vVXA0kA5Ks4Q"],
    "项目": ["github.com/ztxz16/fastllm", "github.com/InternLM/lmdeploy/blob/main/README_zh-CN.md"],
    "工业界": ["open.bigmodel.cn", "x.com/OpenAI/status/1677015057316872192"],
    "资料": ["arxiv.org/abs/2306.17806"],
    "参考资料": [
        "github.com/dair-ai/ML-Papers-of-the-Week",
        "github.com/LC1332/Chat-Haruhi-Suzumiya",
        "zhuanlan.zhihu.com/p/636381450",
        "github.com/zjunlp/EasyEdit",
    ],
}


def commands() -> list[tuple[Account, str]]:
    """Who says what, in the order of the week that the sandbox plays."""
    script = read(WEEK.read_text("utf-8"), show=False)
    return [(PEOPLE[line.who], line.words) for line in script if isinstance(line, Says)]


@pytest.fixture(scope="module")
async def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The minutes that the bot, a process of its own, puts into the group's files."""
    folder = tmp_path_factory.mktemp("seed")
    toml = meets_at(folder, datetime.now(UTC) + timedelta(minutes=30))
    await open_talk_at(folder, datetime.now(UTC) - timedelta(minutes=10), toml=toml)
    bot = BotProcess(folder, TALK_GROUPS=f"[{GROUP}]", TALK_FILE=str(toml))
    group = make_group(Night(datetime.now(UTC)))
    await bot.start()
    async with connected(group, bot) as line:
        for who, words in commands():
            said = await line.asks(who, words)
            assert not re.search("没看出|没有存下|这个要由|用法：|最多", said[0]), said
        while not group.files:
            await asyncio.wait_for(group.changed.wait(), PATIENCE)
            group.changed.clear()
    await bot.kill()
    assert "Traceback" not in bot.output
    return group.files[0].body.decode()


def sections(document: str) -> list[tuple[str, list[str]]]:
    """The document's headings, and the lines under each; what else looks like a heading is a line."""
    found: list[tuple[str, list[str]]] = [("", [])]
    waiting = list(HEADINGS)
    for line in document.splitlines():
        title = re.sub(r"^#+ ", "", line)
        if line.startswith("#") and waiting and title == waiting[0]:
            found.append((waiting.pop(0), []))
        elif line.strip():
            found[-1][1].append(line.strip())
    return found


def bare(text: str) -> str:
    """A text without markup, spaces, and the width of its punctuation."""
    for wrong, right in MISREAD.items():
        text = text.replace(wrong, right)
    text = re.sub(r"^(?:#+ |[-·] |\d+\. ?)+|</?sup>|\*\*", "", text)
    text = re.sub(r"\\(.)", r"\1", text)
    text = text.translate(str.maketrans("：，；（）！？", ":,;()!?"))
    return re.sub(r"[\s\\]", "", text).replace("<", "").replace(">", "")


def links(lines: list[str]) -> Iterator[str]:
    """What a section's links lead to, in their order."""
    for line in lines:
        for found in find_links(re.sub(r"\\(.)", r"\1", line)):
            if "://" in line[found.start : found.end + 1]:
                yield found.link.key


async def test_the_minutes_are_the_seed_document(written: str) -> None:
    seed = (SEED / "openllm-talk-004.md").read_text("utf-8")
    assert [title for title, _ in sections(seed)] == ["", *HEADINGS]
    assert [title for title, _ in sections(written)] == ["", *HEADINGS]  # all of them, in the seed's order
    assert sections(written)[0][1] == ["# OpenLLM Talk 004"]
    missing: list[str] = []
    for (_, wanted), (_, there) in zip(sections(seed)[1:], sections(written)[1:], strict=True):
        text = "".join(map(bare, there))
        missing += [line for line in wanted if bare(line) not in text and line != "![]"]
    assert sorted(set(missing)) == sorted(LEFT_OUT)


async def test_every_link_of_the_seed_is_there_in_its_order(written: str) -> None:
    seed = (SEED / "openllm-talk-004.md").read_text("utf-8")
    for (_, wanted), (title, there) in zip(sections(seed), sections(written), strict=True):
        more = [found.link.key for each in MORE.get(title, ()) for found in find_links(f"https://{each}")]
        ours = list(links(there))
        theirs = list(dict.fromkeys(links(wanted)))  # one is cut in two by the end of a line
        assert [key for key in ours if key not in more] == theirs, title
        assert set(more) & set(ours) or not more, title


async def test_every_item_and_every_answer_is_signed(written: str) -> None:
    names = {"羡鱼", "suc16", "林溪", "阿凯", "初七"}
    credits = dict(re.findall(r"—— (\S+?)（#(\d+)）$", written, re.MULTILINE))
    assert set(credits) == names
    items = re.findall(r"^\*\*(?!Q\d).*", written, re.MULTILINE)
    assert len(items) == 22
    assert all(re.search(r" —— (?:羡鱼|suc16|林溪|阿凯|初七)（#\d+）$", each) for each in items)
    answers = written[written.index("## 线上讨论") : written.index("## 群里讨论")]
    assert len(re.findall(r" —— (?:羡鱼|suc16)$", answers, re.MULTILINE)) == 10
    assert "【本期贡献者】- 排名不分先后: 羡鱼、suc16、林溪、阿凯、初七\n" in written
