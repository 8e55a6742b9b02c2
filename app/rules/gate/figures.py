"""Figures that only a verified number may hear (law 10): money, balances, limits, and dates of a debt.

Not figures: opening hours, telephone numbers, steps, counts of days, years, and what the bank publishes for everybody
(fees, ceilings, examples). In doubt an amount is a figure: one told to the wrong person cannot be taken back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.rules.gate.codes import reason
from app.rules.gate.draft import Draft, Reason
from app.rules.gate.form import Form

_HAN = "零〇一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟"
_NUMBER = rf"(?:\d[\d,，. ]*(?:\s*[万千百亿kw](?![a-z]))?|[{_HAN}]{{2,}}|[{_HAN}](?=\s*(?:元|块|圆)))"
_MONEY = re.compile(
    rf"(?:[¥￥$€£]|rmb|cny|usd|hk\$|人民币)\s*{_NUMBER}"
    rf"|{_NUMBER}\s*(?:多|余|来)?\s*(?:元|块钱|块(?!地|头)|圆(?!满|形)|人民币|rmb|cny|yuan|usd|dollars?)"
    r"|\d[\d,.]*\s*(?:万|亿)(?![一-鿿])"
)
_TERM = (
    r"可用额度|剩余额度|授信额度|额度|余额|欠款|应还|待还|未还|本金|利息|月供|账单金额"
    r"|最低还款额|总额|逾期|罚息|违约金|欠了?|还剩"
    r"|(?:available |credit )?limit|balance|amount due|owe|owing|outstanding|principal|instal?ment|overdue"
)
_NOT_MONEY = (
    r"(?!\s*(?:年|月|日|号|天|个|小时|分钟|分|点|步|次|位|级|期|人|家|张|种|项|笔|[:：/%-]|\d|days?|hours?"
    r"|minutes?|steps?|times?|th|st|nd|rd|[ap]m|working|months?|years?|weeks?))"
)
_NAMED = re.compile(
    rf"(?:{_TERM})(?:是|为|有|还有|约|大概|大约|总共|共|合计|一共|is|of|was|at|now|[:：=\s,，])*\s*"
    rf"(?:\d{{3,}}(?:[,，]?\d)*(?:\.\d+)?|\d[\d,.]*\s*[万千kw](?![a-z])|[{_HAN}]{{2,}}){_NOT_MONEY}"
)
_DAY = (
    rf"(?:(?:\d{{4}}\s*[年/.-]\s*)?(?:\d{{1,2}}|[{_HAN}]{{1,3}})\s*月\s*(?:\d{{1,2}}"
    rf"|[{_HAN}]{{1,3}})\s*[日号]?|\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}"
    rf"|\d{{1,2}}/\d{{1,2}}"
    r"|(?:每月|本月|下月|这个月|下个月)?\s*\d{1,2}\s*[日号]"
    r"|\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2})"
)
_DEBT = (
    r"还款日|还款期|应还日|到期日|账单日|扣款日|最后还款|有效期|到期|逾期|扣款|due(?: date)?"
    r"|overdue|expires?|expiry|valid until"
)
_DEBT_DAY = re.compile(
    rf"(?:{_DEBT})[^。！？!?\n\d]{{0,8}}{_DAY}|{_DAY}[^。！？!?\n\d]{{0,4}}(?:{_DEBT}|之?前\s*(?:还|存|缴|付|结清))"
    r"|逾期(?:了|已)?\s*\d+\s*(?:天|日|期|个月)|\d+ days? (?:over|past)[ -]?due"
)
_RATE = re.compile(r"(?:您|你|your)[^。！？!?\n,，]{0,10}(?:利率|rate)[^。！？!?\n,，\d]{0,8}\d[\d.]*\s*%")

_PUBLIC_BEFORE = re.compile(
    r"(?:手续费|工本费|年费|月费|服务费|转账费|邮费|短信费|费用|每笔|每次|最高|最低|高达|不超过"
    r"|不低于|至少|起存|比如|例如|举例|假设|如"
    r"|满|立减|减|返|送|减少|fee[s]?(?: is| of)?|cost[s]?|up to|at least|from|e\.g\."
    r"|for example|such as)(?:是|为|约|可借|可贷|可达)?\s*[:：]?\s*$"
)
_PUBLIC_AFTER = re.compile(
    r"^\s*(?:起|以上|以下|以内|/笔|/次|/年|每笔|每次|一笔|一次|工本费|手续费|话费券|红包|礼"
    r"|加油卡|券|a month fee|per transaction|fee)"
)
_OWN = re.compile(r"您|你|your?\b|本期|本月|上期|账单|尾号")
_NOTED = re.compile(r"已记下|记下了|约定|您说的|答应|noted|promised|you'll pay")
_ACTIVITY = re.compile(r"活动|优惠|券|证件|身份证|offer|campaign")
_AHEAD = re.compile(rf"[\d{_HAN}]")
_STOP = re.compile(r"[。！？!?\n]")
_COMMA = re.compile(r"[。！？!?\n，,;；]")


def reasons(form: Form, draft: Draft) -> Iterator[Reason]:
    """Figures in a text to a number that is not verified."""
    plain = form.plain
    if draft.verified or not _AHEAD.search(plain):
        return
    for match in _MONEY.finditer(plain):
        if not _is_public(plain, match.start(), match.end(), draft.purpose == "commercial"):
            yield reason("figures_unverified", form.from_plain(*match.span()).strip())
    for pattern in (_NAMED, _RATE):
        for match in pattern.finditer(plain):
            if not _is_public(plain, match.start(), match.end(), False):
                yield reason("figures_unverified", form.from_plain(*match.span()).strip())
    for match in _DEBT_DAY.finditer(plain):
        sentence = _around(plain, match.start(), match.end(), _STOP)
        if not _NOTED.search(sentence) and not _ACTIVITY.search(sentence):
            yield reason("figures_unverified", form.from_plain(*match.span()).strip())


def _is_public(plain: str, start: int, end: int, offer: bool) -> bool:
    """A fee, a ceiling, an example, or an amount of an offer that says nothing about this customer."""
    clause = _around(plain, start, end, _COMMA)
    if offer:
        return not (_OWN.search(clause) and re.search(_TERM, clause)) or bool(
            _PUBLIC_BEFORE.search(plain[:start][-12:])
        )
    near = plain[max(0, start - 12) : start]
    return bool((_PUBLIC_BEFORE.search(near) or _PUBLIC_AFTER.match(plain[end : end + 8])) and not _OWN.search(clause))


def _around(plain: str, start: int, end: int, stop: re.Pattern[str]) -> str:
    """The clause or sentence around a span."""
    before = [match.end() for match in stop.finditer(plain, max(0, start - 120), start)]
    after = stop.search(plain, end)
    return plain[before[-1] if before else max(0, start - 120) : after.start() if after else end + 120]
