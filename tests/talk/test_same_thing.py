"""Which addresses are the same thing. The table is the rules' documentation: `=` the same, `≠` not the same.

`…` at the beginning of an address stands for `https://`.
"""

import pytest

from plugins._talk.links.canonical import canonical

TABLE = """
# In general: scheme, www., default port, trailing slash, fragment and the order of the query say nothing
…a.com/x                                        = http://a.com/x
…a.com/x                                        = …www.a.com/x
…a.com/x                                        = …a.com/x/
…a.com/x                                        = …a.com:443/x
http://a.com:80/x                               = …a.com/x
…a.com/x                                        = …A.Com/x
…a.com/x                                        = …a.com./x
…a.com/x                                        = …a.com/x#part
…a.com                                          = …www.a.com/
…a.com/x?a=1&b=2                                = …a.com/x?b=2&a=1
…a.com/x?a=1&b=2                                = …a.com/x?a=1&amp;b=2
…a.com/x                                        = a.com/x
…例子.中国/x                                    = …xn--fsqu00a.xn--fiqs8s/x
…a.com/文章                                     = …a.com/%E6%96%87%E7%AB%A0
…a.com/x                                        ≠ …a.com/X
…a.com/x                                        ≠ …b.com/x
…a.com/x                                        ≠ …blog.a.com/x
…a.com/x                                        ≠ …a.com:8443/x
…a.com/x                                        ≠ …a.com/x/y
…a.com/x?a=1                                    ≠ …a.com/x?a=2
http://x.cn/s?wd=%C4%E3                         ≠ http://x.cn/s?wd=%BA%C3

…docs.a.com/#/guide                             = …docs.a.com/?utm_source=qq#/guide
…docs.a.com/#/guide                            != …docs.a.com/#/api
…docs.a.com/#/guide                            != …docs.a.com/
…a.com/#!/x                                    != …a.com/#!/y
…a.com/x                                        = …a.com/x#:~:text=y
…a.com/x                                        = …a.com/x#L10
…m.36kr.com/p/1                                 = …36kr.com/p/1
…m.blog.csdn.net/a/article/details/1            = …blog.csdn.net/a/article/details/1
…juejin.im/post/1                               = …juejin.cn/post/1
…www.iesdouyin.com/share/video/7123/?region=CN  = …www.douyin.com/video/7123
…www.xiaohongshu.com/explore/64a0c1230000000000000001 = …www.xiaohongshu.com/discovery/item/64a0c1230000000000000001?xsec_token=a

# What only follows visitors is dropped everywhere, and nothing else is
…a.com/x                                        = …a.com/x?utm_source=qq&utm_medium=social&utm_campaign=c
…a.com/x                                        = …a.com/x?UTM_Source=qq
…a.com/x                                        = …a.com/x?mtm_campaign=1
…a.com/x                                        = …a.com/x?gclid=1&fbclid=2&msclkid=3
…a.com/x                                        = …a.com/x?twclid=1&yclid=2&dclid=3
…a.com/x                                        = …a.com/x?spm=1001.2014.3001.5501
…a.com/x                                        = …a.com/x?mc_cid=1&mc_eid=2&_hsenc=3&mkt_tok=4
…a.com/x                                        = …a.com/x?_ga=1&_gl=2
…a.com/x?id=7                                   = …a.com/x?utm_source=qq&id=7
…a.com/x?id=1                                   ≠ …a.com/x
…a.com/x?from=1                                 ≠ …a.com/x?from=2
…a.com/x?source=1                               ≠ …a.com/x
…a.com/x?t=1                                    ≠ …a.com/x?t=2
…a.com/x?s=1                                    ≠ …a.com/x
…a.com/x?utmost=1                               ≠ …a.com/x

# Zhihu: an article is its number, an answer is the answer's number, the query says nothing
…zhuanlan.zhihu.com/p/642587159                 = …zhuanlan.zhihu.com/p/642587159?utm_psn=1880012345
…zhuanlan.zhihu.com/p/642587159                 = …zhuanlan.zhihu.com/p/642587159/
…zhuanlan.zhihu.com/p/642587159                 = …www.zhihu.com/p/642587159
…zhuanlan.zhihu.com/p/642587159                 = …www.zhihu.com/tardis/bd/art/642587159
…zhuanlan.zhihu.com/p/642587159                 = …zhuanlan.zhihu.com/p/642587159?share_code=a&utm_id=0#ref_1
…zhuanlan.zhihu.com/p/642587159                 = …link.zhihu.com/?target=https%3A//zhuanlan.zhihu.com/p/642587159
…www.zhihu.com/question/1/answer/98765          = …www.zhihu.com/answer/98765
…www.zhihu.com/question/1/answer/98765          = …www.zhihu.com/question/1/answer/98765?utm_source=wechat_session
…www.zhihu.com/question/1/answer/98765          = …m.zhihu.com/question/1/answer/98765
…www.zhihu.com/question/1/answer/98765          = …www.zhihu.com/tardis/zm/ans/98765
…www.zhihu.com/question/1                       = …www.zhihu.com/question/1?sort=created
…www.zhihu.com/question/1                       = …www.zhihu.com/question/1/answers/updated
…www.zhihu.com/pin/1660000000000000000          = …www.zhihu.com/pin/1660000000000000000?native=1
…www.zhihu.com/question/1                       ≠ …www.zhihu.com/question/1/answer/98765
…www.zhihu.com/question/1/answer/98765          ≠ …www.zhihu.com/question/1/answer/98766
…zhuanlan.zhihu.com/p/642587159                 ≠ …zhuanlan.zhihu.com/p/642689988
…zhuanlan.zhihu.com/p/98765                     ≠ …www.zhihu.com/answer/98765
…www.zhihu.com/search?q=llm                     ≠ …www.zhihu.com/search?q=rag
…a.com/x                                        = …link.zhihu.com/?target=https%3A%2F%2Fa.com%2Fx
…a.com/x                                        ≠ …link.zhihu.com/?target=https%3A%2F%2Fa.com%2Fy

# Bilibili: a video is its BV number, and the part if it is not the first; the moment is only shown
…www.bilibili.com/video/BV1Xk4y1P7Yj            = …www.bilibili.com/video/BV1Xk4y1P7Yj/
…www.bilibili.com/video/BV1Xk4y1P7Yj            = …m.bilibili.com/video/BV1Xk4y1P7Yj
…www.bilibili.com/video/BV1Xk4y1P7Yj            = …www.bilibili.com/video/bv1Xk4y1P7Yj
…www.bilibili.com/video/BV1Xk4y1P7Yj            = …www.bilibili.com/video/BV1Xk4y1P7Yj?spm_id_from=333.337&vd_source=0f1e
…www.bilibili.com/video/BV1Xk4y1P7Yj            = …www.bilibili.com/video/BV1Xk4y1P7Yj/?share_source=copy_web
…www.bilibili.com/video/BV1Xk4y1P7Yj            = …www.bilibili.com/video/BV1Xk4y1P7Yj?t=610
…www.bilibili.com/video/BV1Xk4y1P7Yj            = …www.bilibili.com/video/BV1Xk4y1P7Yj?p=1
…www.bilibili.com/video/BV1Xk4y1P7Yj            = …www.bilibili.com/s/video/BV1Xk4y1P7Yj
…www.bilibili.com/video/BV1Xk4y1P7Yj            = …b23.tv/BV1Xk4y1P7Yj
…www.bilibili.com/video/BV1Xk4y1P7Yj            = …player.bilibili.com/player.html?bvid=BV1Xk4y1P7Yj&page=1
…www.bilibili.com/video/BV17x411w7KC            = …www.bilibili.com/video/av170001
…www.bilibili.com/video/BV1Xk4y1P7Yj?p=2        = …m.bilibili.com/video/BV1Xk4y1P7Yj?p=2&unique_k=x&ts=1&mid=2&is_story_h5=false
…b23.tv/Ab3dEf9                                 = …b23.tv/Ab3dEf9?share_medium=android&share_source=qq&bbid=X&ts=1
…www.bilibili.com/read/cv24000000               = …www.bilibili.com/read/mobile/24000000
…www.bilibili.com/opus/820000000000000000       = …t.bilibili.com/820000000000000000?share_source=qq
…space.bilibili.com/1                           = …space.bilibili.com/1?spm_id_from=333.337.0.0
…www.bilibili.com/video/BV1Xk4y1P7Yj            ≠ …www.bilibili.com/video/BV1Xk4y1P7YJ
…www.bilibili.com/video/BV1Xk4y1P7Yj            ≠ …www.bilibili.com/video/BV1Xk4y1P7Yj?p=2
…www.bilibili.com/video/BV1Xk4y1P7Yj            ≠ …www.bilibili.com/video/BV1Kh4y1E7nX
…b23.tv/Ab3dEf9                                 ≠ …b23.tv/ab3dEf9
…b23.tv/Ab3dEf9                                 ≠ …bili2233.cn/Ab3dEf8
…www.bilibili.com/read/cv24000000               ≠ …www.bilibili.com/opus/24000000
…space.bilibili.com/946974                      ≠ …live.bilibili.com/946974

# WeChat: a short address, or its four numbers
…mp.weixin.qq.com/s/abc_DEF-123                 = …mp.weixin.qq.com/s/abc_DEF-123?scene=1&from=qq#rd
…mp.weixin.qq.com/s/abc_DEF-123                 = http://mp.weixin.qq.com/s/abc_DEF-123
…mp.weixin.qq.com/s?__biz=Mz==&mid=1&idx=1&sn=a = …mp.weixin.qq.com/s?__biz=Mz==&mid=1&idx=1&sn=a&chksm=b&scene=126#rd
…mp.weixin.qq.com/s?__biz=Mz==&mid=1&idx=1&sn=a = …mp.weixin.qq.com/s?sn=a&idx=1&mid=1&__biz=Mz%3D%3D
…mp.weixin.qq.com/s?__biz=Mz==&mid=1&idx=1&sn=a = …mp.weixin.qq.com/s?__biz=Mz==&amp;mid=1&amp;idx=1&amp;sn=a
…mp.weixin.qq.com/s/abc_DEF-123                 ≠ …mp.weixin.qq.com/s/abc_def-123
…mp.weixin.qq.com/s?__biz=Mz==&mid=1&idx=1&sn=a ≠ …mp.weixin.qq.com/s?__biz=Mz==&mid=1&idx=2&sn=a
…mp.weixin.qq.com/s?__biz=Mz==&mid=1&idx=1&sn=a ≠ …mp.weixin.qq.com/s?__biz=Mz==&mid=2&idx=1&sn=a
…mp.weixin.qq.com/s?src=11&timestamp=1&ver=1&signature=x ≠ …mp.weixin.qq.com/s?src=11&timestamp=2&ver=1&signature=y

# arXiv: a paper is its number, wherever and in whichever version it is read
…arxiv.org/abs/2306.17806                       = …arxiv.org/pdf/2306.17806
…arxiv.org/abs/2306.17806                       = …arxiv.org/pdf/2306.17806.pdf
…arxiv.org/abs/2306.17806                       = …arxiv.org/pdf/2306.17806v2.pdf
…arxiv.org/abs/2306.17806                       = …arxiv.org/abs/2306.17806v3
…arxiv.org/abs/2306.17806                       = …arxiv.org/html/2306.17806v1
…arxiv.org/abs/2306.17806                       = http://export.arxiv.org/abs/2306.17806
…arxiv.org/abs/2306.17806                       = …browse.arxiv.org/html/2306.17806
…arxiv.org/abs/2306.17806                       = …www.arxiv.org/abs/2306.17806?context=cs.CL
…arxiv.org/abs/2306.17806                       = …huggingface.co/papers/2306.17806
…arxiv.org/abs/2306.17806                       = …hf-mirror.com/papers/2306.17806
…arxiv.org/abs/2306.17806                       = …www.alphaxiv.org/abs/2306.17806v2
…arxiv.org/abs/2306.17806                       = …alphaxiv.org/overview/2306.17806
…arxiv.org/abs/2306.17806                       = …ar5iv.labs.arxiv.org/html/2306.17806
…arxiv.org/abs/2306.17806                       = …ar5iv.org/abs/2306.17806
…arxiv.org/abs/2306.17806                       = …papers.cool/arxiv/2306.17806
…arxiv.org/abs/2306.17806                       = …doi.org/10.48550/arXiv.2306.17806
…arxiv.org/abs/hep-th/9901001                   = …arxiv.org/pdf/hep-th/9901001v3
…arxiv.org/abs/math/0309136                     = …arxiv.org/abs/math.GT/0309136
…arxiv.org/abs/2306.17806                       ≠ …arxiv.org/abs/2306.17807
…arxiv.org/abs/2306.17806                       ≠ …arxiv.org/list/cs.CL/recent
…arxiv.org/abs/hep-th/9901001                   ≠ …arxiv.org/abs/hep-ph/9901001
…arxiv.org/abs/2306.17806                       ≠ …scirate.com/arxiv/2306.17807

# Other papers
…openreview.net/forum?id=abc-D_1                = …openreview.net/pdf?id=abc-D_1
…openreview.net/forum?id=abc-D_1                = …openreview.net/forum?id=abc-D_1&noteId=xyz&referrer=%5Bx%5D
…openreview.net/forum?id=abc-D_1                ≠ …openreview.net/forum?id=abc-D_2
…openreview.net/group?id=ICLR.cc/2024           ≠ …openreview.net/forum?id=ICLR.cc/2024
…aclanthology.org/2023.acl-long.1/              = …aclanthology.org/2023.acl-long.1.pdf
…aclanthology.org/2023.acl-long.1/              = …aclanthology.org/2023.acl-long.1.bib
…aclanthology.org/N19-1423/                     = …www.aclweb.org/anthology/N19-1423.pdf
…aclanthology.org/2023.acl-long.1/              ≠ …aclanthology.org/2023.acl-long.2/
…doi.org/10.1145/3292500.3330701                = …dx.doi.org/10.1145/3292500.3330701
…doi.org/10.1162/TACL_a_00001                   = …doi.org/10.1162/tacl_a_00001
…doi.org/10.1145/3292500.3330701                ≠ …doi.org/10.1145/3292500.3330702

# GitHub: owner and repository, in any case; an issue and a pull request by their number
…github.com/ztxz16/fastllm                      = …github.com/ztxz16/fastllm/
…github.com/ztxz16/fastllm                      = …github.com/ztxz16/FastLLM
…github.com/ztxz16/fastllm                      = …github.com/ztxz16/fastllm.git
…github.com/ztxz16/fastllm                      = …github.com/ztxz16/fastllm#readme
…github.com/ztxz16/fastllm                      = …github.com/ztxz16/fastllm?tab=readme-ov-file
…github.com/ztxz16/fastllm                      = …github.com/ztxz16/fastllm?tab=readme-ov-file#quick-start
…github.com/ztxz16/fastllm                      = …www.github.com/ztxz16/fastllm?email_source=x&email_token=y
…github.com/ztxz16/fastllm                      = …github.com/ztxz16/fastllm?ref_source=qq
…github.com/ztxz16/fastllm                      = …github.com/ztxz16/fastllm/tree/main
…github.com/ztxz16/fastllm                      = …github.com/ztxz16/fastllm/tree/master
…github.com/a/b/issues/7                        = …github.com/a/b/issues/7#issuecomment-1
…github.com/a/b/issues/7                        = …github.com/A/B/pull/7
…github.com/a/b/pull/7                          = …github.com/a/b/pull/7/files
…github.com/a/b/pull/7                          = …github.com/a/b/pull/7/commits/0f1e
…github.com/a/b/blob/main/x.py                  = …raw.githubusercontent.com/a/b/main/x.py
…github.com/a/b/blob/main/x.py                  = …raw.githubusercontent.com/a/b/refs/heads/main/x.py
…github.com/a/b                                 ≠ …github.com/a/c
…github.com/a/b                                 ≠ …github.com/a/b/issues
…github.com/a/b/issues/7                        ≠ …github.com/a/b/issues/8
…github.com/a/b/issues/7                        ≠ …github.com/a/b/discussions/7
…github.com/a/b                                 ≠ …github.com/a/b/tree/dev
…github.com/a/b/blob/main/x.py                  ≠ …github.com/a/b/blob/main/X.py
…github.com/a/b/blob/main/x.py                  ≠ …github.com/a/b/blob/dev/x.py
…github.com/trending?since=daily                ≠ …github.com/trending?since=weekly
…github.com/a/b                                 ≠ …gitlab.com/a/b
…github.com/a/b                                 ≠ …gist.github.com/a/b
…github.com/a/b/search?q=x                      ≠ …github.com/a/b/search?q=y

# Hugging Face and ModelScope: owner and name within models, datasets or spaces; the mirror is the same
…huggingface.co/baichuan-inc/Baichuan-13B-Chat  = …huggingface.co/baichuan-inc/Baichuan-13B-Chat/tree/main
…huggingface.co/baichuan-inc/Baichuan-13B-Chat  = …hf-mirror.com/baichuan-inc/Baichuan-13B-Chat
…huggingface.co/baichuan-inc/Baichuan-13B-Chat  = …hf.co/baichuan-inc/Baichuan-13B-Chat
…huggingface.co/baichuan-inc/Baichuan-13B-Chat  = …huggingface.co/baichuan-inc/baichuan-13b-chat?library=transformers
…huggingface.co/datasets/a/b                    = …hf-mirror.com/datasets/a/b/tree/main
…huggingface.co/spaces/a/b                      = …huggingface.co/spaces/a/b#top
…huggingface.co/a/b                             ≠ …huggingface.co/datasets/a/b
…huggingface.co/a/b                             ≠ …huggingface.co/spaces/a/b
…huggingface.co/a/b                             ≠ …huggingface.co/a/c
…huggingface.co/a/b                             ≠ …huggingface.co/a/b/discussions/5
…huggingface.co/a/b                             ≠ …huggingface.co/a/b/tree/dev
…huggingface.co/blog/rlhf                       ≠ …huggingface.co/blog/lora
…huggingface.co/papers                          ≠ …huggingface.co/papers/2306.17806
…huggingface.co/a/b                             ≠ …modelscope.cn/models/a/b
…modelscope.cn/models/qwen/Qwen-7B              = …www.modelscope.cn/models/qwen/Qwen-7B/summary
…modelscope.cn/models/qwen/Qwen-7B              = …modelscope.cn/models/qwen/Qwen-7B/files

# X and YouTube: the post's and the video's number
…x.com/_akhaliq/status/1680000000000000000      = …twitter.com/_akhaliq/status/1680000000000000000
…x.com/_akhaliq/status/1680000000000000000      = …mobile.twitter.com/_akhaliq/status/1680000000000000000?s=20&t=x
…x.com/_akhaliq/status/1680000000000000000      = …vxtwitter.com/_akhaliq/status/1680000000000000000
…x.com/_akhaliq/status/1680000000000000000      = …fxtwitter.com/_akhaliq/status/1680000000000000000/photo/1
…x.com/_akhaliq/status/1680000000000000000      = …x.com/i/web/status/1680000000000000000
…x.com/_akhaliq/status/1680000000000000000      ≠ …x.com/_akhaliq/status/1680000000000000001
…x.com/_akhaliq                                 = …twitter.com/_AKhaliq?ref_src=twsrc
…x.com/_akhaliq                                 ≠ …x.com/karpathy
…www.youtube.com/watch?v=kCc8FmEb1nY            = …youtu.be/kCc8FmEb1nY
…www.youtube.com/watch?v=kCc8FmEb1nY            = …youtu.be/kCc8FmEb1nY?si=x&t=30
…www.youtube.com/watch?v=kCc8FmEb1nY            = …m.youtube.com/watch?v=kCc8FmEb1nY&feature=share
…www.youtube.com/watch?v=kCc8FmEb1nY            = …www.youtube.com/watch?v=kCc8FmEb1nY&list=PLx&index=2
…www.youtube.com/watch?v=kCc8FmEb1nY            = …www.youtube.com/watch?t=90s&v=kCc8FmEb1nY&ab_channel=AK&pp=x
…www.youtube.com/watch?v=kCc8FmEb1nY            = …www.youtube.com/shorts/kCc8FmEb1nY
…www.youtube.com/watch?v=kCc8FmEb1nY            = …www.youtube.com/live/kCc8FmEb1nY?feature=share
…www.youtube.com/watch?v=kCc8FmEb1nY            = …www.youtube.com/embed/kCc8FmEb1nY?start=5
…www.youtube.com/watch?v=kCc8FmEb1nY            ≠ …www.youtube.com/watch?v=kCc8FmEb1ny
…www.youtube.com/playlist?list=PLa              ≠ …www.youtube.com/playlist?list=PLb
…www.youtube.com/@AndrejKarpathy                ≠ …www.youtube.com/@statquest

# "You are leaving us" pages are what they lead to
…a.com/x                                        = …sspai.com/link?target=https%3A%2F%2Fa.com%2Fx
…a.com/x                                        = …www.douban.com/link2/?url=https%3A%2F%2Fa.com%2Fx
…a.com/x                                        = …leetcode.cn/link/?target=https%3A%2F%2Fa.com%2Fx
…a.com/x                                        = …developer.aliyun.com/redirect?target=https%3A%2F%2Fa.com%2Fx
…a.com/x                                        = …security.feishu.cn/link/safety?target=https%3A%2F%2Fa.com%2Fx&scene=ccm
…a.com/x                                        = …docs.qq.com/scenario/link.html?url=https%3A%2F%2Fa.com%2Fx
…a.com/x                                        = …www.youtube.com/redirect?event=x&q=https%3A%2F%2Fa.com%2Fx
…a.com/x                                        = …c.pc.qq.com/middleb.html?pfurl=https%3A%2F%2Fa.com%2Fx
…a.com/x                                        = …a.com/x?tdsourcetag=s_pcqq_aiomsg&from=singlemessage
…a.com/x                                       != …a.com/x?from=book
…a.com/x?y=1                                    = …link.juejin.cn/?target=https%3A%2F%2Fa.com%2Fx%3Fy%3D1
…a.com/x                                        = …link.csdn.net/?target=https%3A%2F%2Fa.com%2Fx
…a.com/x                                        = …gitee.com/link?target=https%3A%2F%2Fa.com%2Fx
…a.com/x                                        = …www.google.com/url?q=https://a.com/x&sa=D
…a.com/x                                        = …c.pc.qq.com/middlem.html?pfurl=https%3A%2F%2Fa.com%2Fx
"""


def pairs() -> list[tuple[str, str, str]]:
    rows = [row.split(maxsplit=2) for row in TABLE.splitlines() if row and not row.startswith("#")]
    return [(one.replace("…", "https://"), sign, other.replace("…", "https://")) for one, sign, other in rows]


def key(url: str) -> str:
    link = canonical(url)
    assert link is not None, url
    return link.key


def test_the_table_is_long_enough() -> None:
    assert len(pairs()) >= 150
    assert len(set(pairs())) == len(pairs())


@pytest.mark.parametrize(("one", "sign", "other"), pairs())
def test_same_thing(one: str, sign: str, other: str) -> None:
    assert (key(one) == key(other)) == (sign == "="), (key(one), key(other))


@pytest.mark.parametrize("url", sorted({url for one, _, other in pairs() for url in (one, other)}))
def test_the_canonical_address_stays_as_it_is(url: str) -> None:
    link = canonical(url)
    assert link is not None
    assert canonical(link.url) == link
