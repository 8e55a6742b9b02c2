"""What a text may not tell of a person (rules of sending 7), and what it may not ask."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.rules.gate.codes import reason
from app.rules.gate.draft import Draft, Reason
from app.rules.gate.form import Form, packed

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱林何郭罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田"
    "任姜范姚谭廖邹熊陆郝孔崔邱秦顾侯邵孟龙段雷钱汤尹黎易贺龚"
)
_DOUBLE = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|令狐|长孙|宇文|夏侯"
_TITLES = "先生|女士|小姐|太太"
_FULL_NAME = re.compile(
    rf"(?:{_DOUBLE})[一-鿿]{{1,2}}(?:{_TITLES})"
    rf"|(?<![{_SURNAMES}])[{_SURNAMES}][一-鿿](?<![{_SURNAMES}总老小经])[一-鿿]?(?:{_TITLES})"
)
_ENGLISH_NAME = re.compile(r"\b(?:Mr|Ms|Mrs|Miss|Dr)\.? [A-Z][a-z]+(?:[ -][A-Z][a-z]+)+")
_JOIN = r"[ \-.·]?"
_MOBILE = re.compile(rf"(?<![\d.])(?:\+?\s?(?:00)?86{_JOIN})?1[3-9]\d(?:{_JOIN}\d){{8}}(?![\d])")
_ABROAD = re.compile(r"(?<![\d])\+\s?[1-9](?:[ \-().]?\d){8,14}(?!\d)")
_IDENTITY = re.compile(
    rf"(?<!\d)[1-9]\d{{5}}{_JOIN}(?:19|20)\d{{2}}{_JOIN}(?:0[1-9]|1[0-2])(?:0[1-9]"
    rf"|[12]\d|3[01]){_JOIN}\d{{3}}[\dx](?![\da-z])"
)
_MAIL = re.compile(r"[a-z0-9._%+-]+\s?(?:@|\(at\)|\[at\])\s?(?P<domain>[a-z0-9-]+(?:\.[a-z0-9-]+)+)")
_DIGIT = re.compile(r"\d{3}|@|\[at|\(at")


def personal(form: Form, draft: Draft) -> Iterator[Reason]:
    """Names, numbers and addresses of a person."""
    for name in draft.names:
        bare = packed(name)
        at = form.packed.find(bare) if len(bare) > 1 else -1
        if at >= 0:
            start, end = form.from_packed(at, at + len(bare))
            yield reason("personal_data", form.text[start:end])
    for match in _FULL_NAME.finditer(form.plain):
        yield reason("personal_data", form.from_plain(*match.span()))
    for match in _ENGLISH_NAME.finditer(form.text):
        yield reason("personal_data", match[0])
    if not _DIGIT.search(form.plain):
        return
    told = {_national(number) for number in (draft.hotline, *draft.phones)}
    for pattern in (_IDENTITY, _MOBILE, _ABROAD):
        for match in pattern.finditer(form.plain):
            if _national(match[0]) not in told:
                yield reason("personal_data", form.from_plain(*match.span()).strip())
    for match in _MAIL.finditer(form.plain):
        domain = match["domain"].rstrip(".")
        if not any(domain == own or domain.endswith(f".{own}") for own in draft.domains):
            yield reason("personal_data", form.from_plain(*match.span()))


def _national(number: str) -> str:
    digits = "".join(char for char in number if char.isdigit())
    return digits.removeprefix("00").removeprefix("86") if len(digits) > 11 else digits


# ---- what we never ask for ----------------------------------------------------------------------------------

_SECRET = (
    r"密码|口令|cvn2?|cvv2?|cvc2?|安全码|背面(?:的)?(?:后)?三位|卡背面|支付码|付款码|网银盾|u盾|身份证号码?|身份证照片"
    r"|身份证正反面|银行卡号(?!的?[后末尾])|完整卡号|卡号(?!的?[后末尾])|卡片有效期|人脸"
    r"|passwords?|passcode|\bpin\b|security code|card number|full card|id number"
    r"|identity number|expiry date of your card"
)
_CODE = r"验证码|校验码|动态码|动态密码|短信码|verification code|one-time code|one time code|\botp\b|\bcodes?\b"
_ASK = (
    r"告诉|告知|发给|发来|发送|发过来|发一下|发我|发到|回复|提供|报给|报一下|报下|念给|念一下"
    r"|说一下|说下|给我|给一下|转给|拍照|截图|填到短信|短信里填"
    r"|send|text|reply|tell|give|share|provide|let us know|let me know|type|forward"
)
_ASKED = re.compile(
    rf"(?P<ask>{_ASK})(?P<gap>[^。！？；;!?\n,，]{{0,14}}?)(?P<secret>{_SECRET}|{_CODE})"
    rf"|(?P<secret2>{_SECRET}|{_CODE})(?P<gap2>[^。！？；;!?\n,，]{{0,8}}?)(?P<ask2>{_ASK}"
    rf"|是多少|是什么|是几|多少)"
)
_NEVER = re.compile(
    r"不要|请勿|切勿|勿|别(?!担心|着急|怕|急)|不会|从不|绝不|不得|不能|不用(?!担心)|无需|不需要"
    r"|不可|谁也别|never|don'?t|do not|not |nobody|no one|won'?t"
)
_SOOTHE = re.compile(r"(?:请)?(?:别担心|不用担心|不要担心|别着急|不要着急|不用着急|别怕|不要怕|不会有问题|不要紧)")
_ABOUT = re.compile(
    r"(?:重置|修改|设置|忘记|找回|更改|更换|改|reset|change|forgot(?:ten)?|forget)(?:your|the|了|的|您的)?\s*$"
)
_OURS = re.compile(
    r"没收到|没有收到|重发|再发|never came|no code received|another code|send a code|send(?:s"
    r"|ing)? (?:you )?(?:another|a new|a)|发(?:送)?(?:一条|给您|一个)"
)
_CLAUSE = re.compile(r"[。！？；;!?\n]")
_NOUN = re.compile(rf"{_SECRET}|{_CODE}")


def asking(form: Form, draft: Draft) -> Iterator[Reason]:
    """A request for what the bank never asks for; for a one-time code only while one of ours is open."""
    if not _NOUN.search(form.plain):
        return
    plain = _SOOTHE.sub(lambda match: " " * len(match[0]), form.plain)
    for match in _ASKED.finditer(plain):
        secret = match["secret"] or match["secret2"]
        is_code = re.fullmatch(_CODE, secret) is not None
        if is_code and (draft.code_open or draft.purpose == "code"):
            continue
        before = plain[max(0, match.start() - 40) : match.start()]
        before = before[max((found.end() for found in _CLAUSE.finditer(before)), default=0) :]
        inside = f"{before}{match[0]}"
        after = plain[match.end() : match.end() + 6]
        gap = match["gap"] if match["secret"] else match["gap2"]
        if _NEVER.search(inside):
            continue
        if match["secret"] and _ABOUT.search(gap):
            continue
        if is_code and _OURS.search(f"{before[-6:]}{match[0]}{after}"):
            continue
        yield reason("asks_secret", form.from_plain(*match.span()).strip())
