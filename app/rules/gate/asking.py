"""What a text may not ask: passwords and numbers of cards never, a one-time code only while one of ours is open."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.rules.gate.codes import reason
from app.rules.gate.draft import Draft, Reason
from app.rules.gate.form import Form, Keys

_SECRETS_ZH = (
    "密码 口令 cvn2 cvn cvv2 cvv cvc2 cvc 安全码 背面三位 背面后三位 背面的三位 背面的后三位 支付码 付款码 u盾 "
    "身份证号 身份证照片 身份证正反面 手持身份证 银行卡照片 卡的照片 银行卡号 "
    "完整卡号 卡号 卡片有效期 卡的有效期 身份证拍"
)
_SECRETS_EN = (
    "password|passwords|passcode|pin|security code|card number|full card|id number|identity number"
    "|expiry date of your card|maiden name|photo of your card|picture of your card|photo of your id"
)
_CODES = (
    "验证码|校验码|动态码|短信码|六位数|6位数|6位码|短信里的数字|短信上的数字|收到的数字|手机上的码|收到的码"
    "|verification code|one-time code|one time code|otp|6 digits|six digits|number in the text"
    "|number we sent|code|codes"
)
_SECRET = "|".join(
    [*(f"{word}(?!(?:的|是)?[后末尾])" for word in _SECRETS_ZH.split())]
    + [rf"(?<![a-z]){word}(?![a-z])" for word in _SECRETS_EN.split("|")]
)
_WITHIN = "|".join(f"{word}(?!(?:的|是)?[后末尾])" for word in _SECRETS_ZH.split())
_WITHIN += "|验证码|校验码|动态码|短信码|password|passcode|securitycode|cardnumber|verificationcode"
_CODE = "|".join(rf"(?<![a-z]){word}(?![a-z])" if word.isascii() else word for word in _CODES.split("|"))
_HAS_SECRET = Keys((*_SECRETS_ZH.split(), *_SECRETS_EN.split("|"), *_CODES.split("|")))
_IS_CODE = re.compile(_CODE)

_ASK = (
    "告诉|告知|发给|发来|发送|发过来|发一下|发我|发到|回复|提供|报给|报一下|报下|念给|念一下|说一下|说下|给我|给一下"
    "|转给|拍照|截图|需要您的|需要你的|要您的|要你的|填到短信|短信里填"
    "|send|text|reply|tell|give|share|provide|let us know|let me know|type|forward|read me"
)
_ASK_BEHIND = (
    "告诉|告知|发给我|发给客|发给经|发我|发过来|发来|回复|提供|报给|报一下|念给|念一下|说一下|给我|给一下|转给我|转给客"
    "|是多少|是什么|是几|多少|拍一下|拍给|send to|text to|tell us|tell me|to us|to me|please"
)
_ASKED = re.compile(
    rf"(?P<ask>{_ASK})(?P<gap>[^。;!?\n,]{{0,14}}?)(?P<secret>{_SECRET}|{_CODE})"
    rf"|(?P<noun>{_SECRET}|{_CODE})[^。;!?\n,]{{0,8}}?(?P<behind>{_ASK_BEHIND})"
    rf"|(?P<what>what(?:'s| is) your (?:[a-z']{{1,12}} )?)(?P<english>{_SECRET}|{_CODE})"
)
_DENSE = re.compile(
    rf"(?P<ask>{_ASK})(?P<gap>[^。;!?\n,]{{0,14}}?)(?P<secret>{_WITHIN})"
    rf"|(?P<noun>{_WITHIN})[^。;!?\n,]{{0,8}}?(?P<behind>{_ASK_BEHIND})|(?P<english>$^)"
)
"""The same for letters without spaces, by words that are not found inside others."""
_NEVER = re.compile(
    r"不要|请勿|切勿|勿|别|不会|从不|绝不|不得|不能|不用|无需|不需要|不必|不可|谁也别|不向"
    r"|never|don'?t|do not|not |nobody|no one|won'?t"
)
_SOOTHE = re.compile(
    r"(?:别|不用|不要|不必)(?:担心|着急|怕|急|紧张)|(?:别|不要|不会|勿)忘|不会有问题|不要紧|不会耽误"
    r"|(?:do not|don'?t) (?:worry|forget)|not a problem|no problem"
)
"""Negations that deny something else: 别担心，密码发给我."""
_WE = re.compile(
    r"(?:我们?|我行|系统|银行)(?:会|将|再|已经?|马上|现在|只|随时)*(?:为您|给您|向您)?$"
    r"|(?<![a-z])(?:we|i|we'll|i'll)(?: will| can| could| only| just| now| also)*\s*$"
)
"""Who sends is the bank: "we send a code only when you ask"."""
_ABOUT = re.compile(
    r"(?:重置|修改|设置|忘记|找回|更改|更换|改|reset|change|forgot|forgotten|forget)(?:your|the|了|的|您的|\s)*$"
)
_RESENT = re.compile(
    r"没收到|没有收到|重发|重新发|再发|发(?:送)?(?:一条|给您|一个)|never came|no code|another|new code"
    r"|did not|send you"
)
_CLAUSE = re.compile(r"[。;!?\n]")
_CLAUSE_OR_COMMA = re.compile(r"[。;!?\n,]")
_BEFORE, _BEHIND = 24, 8


def reasons(form: Form, draft: Draft) -> Iterator[Reason]:
    """A request for a secret, unless it is denied ("密码不要告诉任何人") or speaks of changing one."""
    if not _HAS_SECRET.stand_in(form):
        return
    soothed = _SOOTHE.sub(lambda match: " " * len(match[0]), form.plain)
    found = [form.words(*span) for span in _asked(_ASKED, soothed, draft)]
    if not found:  # once more with the letters together: 密 码, C V V
        places = [at for at, char in enumerate(soothed) if char.isalnum() or _CLAUSE_OR_COMMA.match(char)]
        dense = "".join(soothed[at] for at in places)
        found = [form.words(places[start], places[end - 1] + 1) for start, end in _asked(_DENSE, dense, draft)]
    for words in found:
        yield reason("asks_secret", words)


def _asked(pattern: re.Pattern[str], plain: str, draft: Draft) -> Iterator[tuple[int, int]]:
    """Spans of requests that nothing excuses."""
    for match in pattern.finditer(plain):
        about_code = _IS_CODE.fullmatch(match["secret"] or match["noun"] or match["english"])
        if about_code and (draft.code_open or draft.purpose == "code"):
            continue
        before = _CLAUSE.split(plain[max(0, match.start() - _BEFORE) : match.start()])[-1]
        behind = plain[match.end() : match.end() + _BEHIND]
        if _NEVER.search(before + match[0]) or (match["secret"] and _ABOUT.search(match["gap"])):
            continue
        if match["ask"] and _WE.search(before):
            continue
        if about_code and _RESENT.search(before + match[0] + behind):
            continue
        yield match.span()
