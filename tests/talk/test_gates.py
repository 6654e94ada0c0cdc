"""What is no title: gates, errors, framework defaults, and what only looks like one in a page's source."""

import time

import pytest

from plugins._talk.web.gates import is_door, is_no_title
from plugins._talk.web.page_title import read_page

NONE = [
    "滑动验证页面", "Are you a robot?", "页面不存在", "React App", "Vite App", "Vite + React", "Vite + Vue + TS", "Document",
    "Untitled", "Untitled Document", "Create Next App", "Just a moment...", "404 Not Found", "404", "404 - 页面不存在",
    "Error 404 (Not Found)", "502 Bad Gateway", "Sign in to GitHub", "Login", "Log In | Example", "登录", "登录 - 知乎",
    "登录页面", "您访问的页面不存在", "找不到页面", "访问受限", "人机验证", "请完成验证", "验证码", "Vue App", "Home Page", "无标题文档",
    "Welcome to nginx!", "Apache2 Ubuntu Default Page: It works", "Access Denied", "Robot Check", "页面走丢了", "My App",
]  # fmt: skip
GOOD = [
    "登录态设计：从 Cookie 到 JWT", "404 Media 的一篇调查", "Document AI 综述", "React Native 的新架构", "验证码识别技术的二十年综述",
    "Untangling Attention", "Errors in LLM Reasoning", "Next.js 15 发布", "Index-AniSora", "Sign Language Translation",
    "Title Generation with LLMs", "Attention Is All You Need", "Vite 6 发布了什么", "文章推荐系统的演进", "Logit Lens",
]  # fmt: skip


@pytest.mark.parametrize("title", NONE)
def test_a_gate_is_no_title(title: str) -> None:
    assert is_no_title(title)


@pytest.mark.parametrize("title", GOOD)
def test_a_title_that_begins_like_one_is_one(title: str) -> None:
    assert not is_no_title(title)


@pytest.mark.parametrize(
    "page",
    [
        "<head><svg><title>图标</title></svg><title>真的</title></head>",
        "<script>document.write('<title>假的</title>')</script><title>真的</title>",
        "<!-- <title>旧的</title> --><title>真的</title>",
        "<noscript><title>请打开 JavaScript</title></noscript><title>真的</title>",
        "<STYLE>title{}</STYLE ><Title\n>真的</Title>",
        "<title>真的</title></head><body><svg><title>图标</title></svg>",
        "<head><meta charset=utf-8><title>真的</title><script>var a = '</head><title>假的</title>'</script>",
        "<template><meta property='og:title' content='假的'></template><title>真\u202e\u200b\u2067的\u00ad</title>",
    ],
)
def test_the_title_is_the_heads(page: str) -> None:
    found = read_page(f"<html>{page}".encode(), "text/html", "a.com")
    assert found is not None
    assert found.title == "真的"


@pytest.mark.parametrize(
    "page", ["<svg><title>图标</title></svg>", "<script><title>假的</title>", "<!-- <title>旧的</title>"]
)
def test_without_one_there_is_none(page: str) -> None:
    assert read_page(page.encode(), "text/html", "a.com") is None


def test_tags_that_are_never_closed_take_no_time() -> None:
    for tag in ("<svg ", "<script>", "<!--", "<noscript>", "</svg"):
        begun = time.monotonic()
        read_page((tag * (768 * 1024 // len(tag))).encode(), "text/html", "a.com")
        assert time.monotonic() - begun < 1


def test_a_redirect_to_the_sites_door_is_no_page() -> None:
    for landed in ("/", "", "/login", "/user/login", "/404.html", "/error", "/passport"):
        assert is_door("/p/123", landed), landed
    for asked, landed in (
        ("/", "/zh/"),
        ("", "/home"),
        ("/p/1", "/p/1/"),
        ("/login", "/login"),
        ("/a", "/b/error-analysis"),
    ):
        assert not is_door(asked, landed), (asked, landed)
