"""Where long names are cut: between words and outside brackets, never in one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins._talk.documents.headline import SHORT, brief
from plugins._talk.foreign_text import shortened


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [
        ("LongLLaMA 来了", 20, "LongLLaMA 来了"),
        ("Unlimited-Context Transformers", 20, "Unlimited-Context…"),
        ("MOSS-RLHF & Secrets of RLHF in LLMs", 14, "MOSS-RLHF…"),
        ("GPT-4（混合专家模型）细节泄露", 12, "GPT-4…"),
        ("这是一个（很长很长很长很长的括号）标题", 12, "这是一个…"),
        ("将上下文长度扩展到 256k 的 LongLLaMA", 15, "将上下文长度扩展到 256k…"),
        ("将上下文长度扩展到 256k 的 LongLLaMA", 12, "将上下文长度扩展到…"),
        ("《注意力就是你所需要的一切》读后感", 10, "《注意力就是你所需…"),
        ("a" * 40, 10, "aaaaaaaaa…"),
    ],
)
def test_where_it_is_cut(text: str, most: int, cut: str) -> None:
    assert shortened(text, most) == cut


@pytest.mark.parametrize(
    ("called", "said"),
    [
        ("将上下文长度扩展到 256k，无限上下文版本的 LongLLaMA 来了？", "将上下文长度扩展到 256k"),
        ("fastllm：纯 C++ 的全平台加速库，支持 Python 调用", "fastllm"),
        ("LLM 面经", "LLM 面经"),
        ("（官方，中文）Transformer 推理算法分析与实践经验", "（官方，中文）Transformer…"),
    ],
)
def test_the_shorter_the_better(called: str, said: str) -> None:
    assert brief(called) == said


@given(st.text(), st.integers(5, 80))
def test_never_longer_and_never_in_a_word(text: str, most: int) -> None:
    cut = shortened(text, most)
    line = " ".join(text.split())
    assert len(cut) <= most
    assert cut == line or line.startswith(cut[:-1])


@given(st.text())
def test_a_part_of_the_summary_fits(text: str) -> None:
    assert len(brief(text)) <= max(SHORT, 0)
