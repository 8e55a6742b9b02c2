"""What a text may not tell of a person (rules of sending 7): full name, full numbers, e-mail."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.rules.gate.codes import reason
from app.rules.gate.draft import Draft, Reason
from app.rules.gate.form import Form, Keys, packed
from app.rules.gate.links import within
from app.rules.titles import COMPOUND

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱林何郭罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田"
    "任姜范姚谭廖邹熊陆郝孔崔邱秦顾侯邵孟龙段雷钱汤尹黎易贺龚"
)
"""The most frequent ones, without those that are everyday words (于, 向, 和, 方, 高)."""
_TITLES = ("先生", "女士", "小姐", "太太")
_HAS_TITLE = Keys(_TITLES)
_FULL_NAME = re.compile(
    rf"(?:{'|'.join(COMPOUND)})(?: ?[一-鿿]){{1,2}} ?(?:{'|'.join(_TITLES)})"
    rf"|(?<![{_SURNAMES}])[{_SURNAMES}](?! ?[{_SURNAMES}总老经])(?: ?[一-鿿]){{1,2}} ?(?:{'|'.join(_TITLES)})"
)
_ENGLISH_NAME = re.compile(r"M(?:r|s|rs|iss)\.? [A-Z][a-z]+(?:[ -][A-Z][a-z]+)+")
_JOIN = r"[ \-.·]?"
_MOBILE = re.compile(
    rf"(?<![\d.])(?:\+? ?(?:00)?86{_JOIN})?1[3-9]\d(?:{_JOIN}\d){{8}}(?!\d)|(?<!\d)1([ .·-])[3-9](?:\1\d){{9}}(?!\d)"
)
_ABROAD = re.compile(r"(?<!\d)\+ ?[1-9](?:[ \-().]?\d){8,14}(?!\d)")
_IDENTITY = re.compile(
    rf"(?<!\d)[1-9]\d{{5}}{_JOIN}(?:19|20)\d{{2}}{_JOIN}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){_JOIN}\d{{3}}[\dx](?![\da-z])"
)
_HAS_CHAT = Keys(("qq", "微信", "wechat", "vx", "telegram", "whatsapp"))
_CHAT = re.compile(r"(?:qq|微信号?|wechat|vx|telegram|whatsapp)\s*(?:is|是|:)?\s*(?=[a-z_-]*\d)[a-z0-9_-]{5,20}")
_LONG = re.compile(r"\d{9}")
_MAIL = re.compile(r"[a-z0-9._%+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?(?P<domain>[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+)")


def reasons(form: Form, draft: Draft) -> Iterator[Reason]:
    """Names, numbers and addresses of a person."""
    for name in draft.names:
        bare = packed(name)
        at = form.packed.find(bare) if len(bare) > 1 else -1
        if at >= 0:
            start, end = form.span(at, at + len(bare))
            yield reason("personal_data", form.text[start:end])
    if _HAS_TITLE.stand_in(form):
        for match in _FULL_NAME.finditer(form.plain):
            yield reason("personal_data", form.words(*match.span()))
    for match in _ENGLISH_NAME.finditer(form.text):
        yield reason("personal_data", match[0])
    if _LONG.search(form.packed):
        told = {_national(number) for number in (draft.hotline, *draft.phones)}
        for pattern in (_IDENTITY, _MOBILE, _ABROAD):
            for match in pattern.finditer(form.plain):
                if _national(match[0]) not in told:
                    yield reason("personal_data", form.words(*match.span()))
    if _HAS_CHAT.stand_in(form):
        for match in _CHAT.finditer(form.plain):
            yield reason("personal_data", form.words(*match.span()))
    if "@" in form.plain or "(at)" in form.plain or "[at]" in form.plain:
        for match in _MAIL.finditer(form.plain):
            if not within(match["domain"].rstrip("."), draft.domains):
                yield reason("personal_data", form.words(*match.span()))


def _national(number: str) -> str:
    digits = "".join(char for char in number if char.isdigit())
    return digits.removeprefix("00").removeprefix("86") if len(digits) > 11 else digits
