"""The minutes as one HTML file that can be pasted into Zhihu and the WeChat editor: styles inline, pictures as data."""

import base64
import re
from collections.abc import Mapping

from plugins._talk.render.page import html_of, template

MOST_PICTURES = 8_000_000  # bytes of pictures in one file
LEFT_OUT = "（图太大，没有放进来）"
_IMAGE = re.compile(r'(?P<before><img [^>]*?src=")(?P<name>[^"]*)(?P<after>"[^>]*>)')


def article(title: str, markdown: str, pictures: Mapping[str, tuple[str, bytes]]) -> str:
    """The whole page. `pictures` has the media type and content of the files that the Markdown refers to."""
    import css_inline  # imported late to keep startup fast

    left = MOST_PICTURES

    def embedded(match: re.Match[str]) -> str:
        nonlocal left
        media_type, body = pictures.get(match["name"], ("", b""))
        if not body:
            return match[0]
        if len(body) > left:
            return LEFT_OUT
        left -= len(body)
        return f"{match['before']}data:{media_type};base64,{base64.b64encode(body).decode()}{match['after']}"

    whole = template("article.html").render(title=title, body=html_of(markdown))
    inlined = css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False).inline(whole)
    return _IMAGE.sub(embedded, inlined)
