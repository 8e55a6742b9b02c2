"""Figures that only a verified number may hear (law 10): money, balances, limits, and dates of a debt.

Not figures: opening hours, telephone numbers, steps, counts of days, years, and what the bank publishes for everybody
(fees, ceilings, examples). In doubt an amount is a figure: one told to the wrong person cannot be taken back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.rules.gate.codes import reason
from app.rules.gate.draft import Draft, Reason
from app.rules.gate.form import Form, Keys

_HAN = "零〇一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟"
_NUMBER = rf"(?:\d[\d,. ]*(?:\s*[万千百亿kw](?![a-z]))?|[{_HAN}]{{2,}}|[{_HAN}](?=\s*(?:元|块|圆)))"
_MONEY_SIGN = re.compile(r"[元块圆万亿¥$€£]|r ?m ?b|cny|usd|yuan|dollar|人民币")
_MONEY = re.compile(
    rf"(?:[¥$€£]|r ?m ?b|cny|usd|hk\$|人民币)\s*{_NUMBER}"
    rf"|{_NUMBER}\s*(?:多|余|来)?\s*(?:元|块钱|块(?!地|头)|圆(?!满|形)|人民币|r ?m ?b|cny|yuan|usd|dollars?)"
    r"|\d[\d,.]*\s*(?:万|亿)(?![一-鿿])"
)

_MONEY_BEGINS = re.compile(rf"\d+|[{_HAN}]+|[¥$€£人rcuh]")
_TERMS_ZH = "可用额度 剩余额度 授信额度 额度 余额 欠款 应还 待还 未还 本金 利息 月供 账单金额 最低还款额 总额 "
_TERMS_ZH += "可用 账上 账户里 卡里 卡上 评分 信用分 逾期 罚息 违约金 欠了 欠 还剩"
_TERMS_EN = "limit|balance|amount due|owe|owing|outstanding|principal|installment|instalment|overdue|credit score"
_TERM = "|".join((*_TERMS_ZH.split(), *_TERMS_EN.split("|")))
_TERMS = re.compile(_TERM)
_HAS_TERM = Keys([term for term in _TERM.split("|") if len(term) > 1] + ["您欠", "还欠", "共欠", "你欠"])
_COUNTED = (
    r"\s*(?:年|月|日|号|天|个|小时|分钟|分|点|步|次|位|级|期|人|家|张|种|项|笔|[:/%-]|\d"
    r"|days?|hours?|minutes?|steps?|times?|th|st|nd|rd|[ap]m|working|months?|years?|weeks?)"
)
_BARE = (
    rf"(?:\d{{3,}}(?:,?\d)*(?:\.\d+)?|\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d[\d,.]*\s*[万千kw](?![a-z])|[{_HAN}]{{3,}})"
    rf"(?!{_COUNTED})"
)
_NAMED = re.compile(
    rf"(?:{_TERM})(?:金额|款项|数额|额|还?剩|是|为|有|还有|还|约|大概|大约|总共|共|合计|一共|is|of|was|at|now|[:=\s,])*"
    rf"(?:{_BARE}|[{_HAN}]{{2,}}(?!{_COUNTED}))"
)

_PAID_ZH = "要还 需还 再还 还要还 本期还 这期还 月还 前还 扣了 扣您 被扣 转出 转入 转走 消费 支取 存入 刷了"
_PAID_EN = "pay|paid|charged|have|transferred|spent|withdrew|received"
_HAS_PAID = Keys((*_PAID_ZH.split(), *_PAID_EN.split("|")))
_PAID = re.compile(
    rf"(?:{'|'.join(_PAID_ZH.split())})(?:您|了|约|金额|一共|共|是|为|[:=\s])*{_BARE}"
    rf"|(?<![a-z])(?:{_PAID_EN})(?: you)?(?: about| around)? {_BARE}"
)

_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DAY = (
    rf"(?:(?:\d{{4}}\s*[年/.-]\s*)?(?:\d{{1,2}}|[{_HAN}]{{1,3}})\s*月\s*(?:\d{{1,2}}|[{_HAN}]{{1,3}})\s*[日号]?"
    r"|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|(?<!\()\d{1,2}/\d{1,2}(?!\d|\s*\))|(?:每月|本月|下月|这个月|下个月)?\s*\d{1,2}\s*[日号]"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTHS}|{_MONTHS}\.?\s+\d{{1,2}})"
)
_NEAR = (
    r"(?:[今明后昨前][天日]|[本这下上]个?(?:周|星期|礼拜)[一二三四五六日天末]|月底|月初"
    r"|tomorrow|yesterday|today|(?:last|this|next) [a-z]+day)"
)
_DEBTS_ZH = "还款日 还款期 应还日 到期日 账单日 扣款日 最后还款 有效期 到期 逾期 扣款"
_DEBTS_EN = "due|overdue|expire|expires|expiry|valid until"
_DEBT = "|".join((*_DEBTS_ZH.split(), *_DEBTS_EN.split("|")))
_HAS_DEBT = Keys((*_DEBT.split("|"), "日前", "号前", "日之前", "号之前", "最迟", "最晚", "late", "behind"))
_DEBT_DAY = re.compile(
    rf"(?:{_DEBT})[^。!?\n\d]{{0,8}}{_DAY}|{_DAY}[^。!?\n\d]{{0,4}}(?:{_DEBT}|之?前\s*(?:还|存|缴|付|结清))"
    r"|逾期(?:了|已|达)*\s*(?:\d+|[一二三四五六七八九十百两几]+)\s*个?(?:天|日|期|月)"
    r"|\d+ days? (?:late|behind|overdue|(?:over|past)[ -]?(?:its )?due)"
    rf"|最[迟晚]\s*(?:{_DAY}|{_NEAR})\s*还"
    rf"|(?:还款日|到期日|应还日|due)(?:是|就是|在|为|date|is|was|on|[:\s])*{_NEAR}"
    rf"|{_NEAR}(?:是|就是|就)?(?:您的?)?(?:还款日|到期|最后还款)"
)
_HAS_RATE = Keys(("利率", "rate"))
_RATE = re.compile(
    r"(?:利率|rate)(?:是|为|:|\s)*(?:给您|为您|for you)(?:是|为|is|\s)*\d+\.\d+"
    r"|(?:您|你|your)[^。!?\n,]{0,10}(?:利率|rate)[^。!?\n,\d]{0,8}(?:\d+(?:\.\d+)?\s*%|\d\.\d+)"
)
_NAMED_FIGURES = ((_HAS_TERM, _NAMED), (_HAS_PAID, _PAID), (_HAS_RATE, _RATE))

_PUBLIC_BEFORE = re.compile(
    r"(?:手续费|工本费|年费|月费|服务费|转账费|邮费|短信费|费用|每笔|每次|最高|最低|高达|不超过|不低于|至少|起存|比如"
    r"|例如|举例|假设|如|满|立减|减|返|送|减少"
    r"|fees?(?: is| of)?|costs?|up to|at least|from|e\.g\.|for example|such as)(?:是|为|约|可借|可贷|可达)?\s*:?\s*$"
)
_PUBLIC_AFTER = re.compile(
    r"\s*(?:起|以上|以下|以内|/笔|/次|/年|每笔|每次|一笔|一次|工本费|手续费|话费券|红包|礼|加油卡|券"
    r"|a month fee|per transaction|fee)"
)
_OWN = re.compile(r"您|你|your?\b|本期|本月|上期|账单|尾号")
_NOTED = re.compile(r"已记下|记下了|约定|您说的|答应|noted|promised|you'll pay")
_ACTIVITY = re.compile(r"活动|优惠|券|证件|身份证|offer|campaign")
_DIGIT = re.compile(rf"[\d{_HAN}]")
_SENTENCE = re.compile(r"[。!?\n]")
_CLAUSE = re.compile(r"[。!?\n,;]")
_FAR = 120
"""Characters around a figure that are looked at: more is not read together with it."""


def reasons(form: Form, draft: Draft) -> Iterator[Reason]:
    """Figures in a text to a number that is not verified."""
    if draft.verified:
        return
    last = -1
    joined: list[list[int]] = []
    for start, end in sorted((*_amounts(form, draft.purpose == "commercial"), *_days(form))):
        if start < last:  # one figure, seen from two sides
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
        last = joined[-1][1]
    for start, end in joined:
        yield reason("figures_unverified", form.words(start, end))


def _amounts(form: Form, offer: bool) -> Iterator[tuple[int, int]]:
    plain = form.plain
    if not _DIGIT.search(plain):
        return
    if _MONEY_SIGN.search(plain):
        for start, end in _money(plain):
            if not _is_public(plain, start, end, offer):
                yield start, end
    for keys, pattern in _NAMED_FIGURES:
        if keys.stand_in(form):
            for match in pattern.finditer(plain):
                if not _is_public(plain, match.start(), match.end(), False):
                    yield match.span()


def _money(plain: str) -> Iterator[tuple[int, int]]:
    """The spans that `_MONEY` finds; to try it only where it can begin costs a fifth of a search."""
    at = 0
    while begin := _MONEY_BEGINS.search(plain, at):
        match = _MONEY.match(plain, begin.start())
        if match:
            yield match.span()
        at = match.end() if match else begin.end()


def _days(form: Form) -> Iterator[tuple[int, int]]:
    plain = form.plain
    if not _HAS_DEBT.stand_in(form):
        return
    for match in _DEBT_DAY.finditer(plain):
        sentence = _around(plain, match.start(), match.end(), _SENTENCE)
        if not _NOTED.search(sentence) and not _ACTIVITY.search(sentence):
            yield match.span()


def _is_public(plain: str, start: int, end: int, offer: bool) -> bool:
    """A fee, a ceiling, an example, or an amount of an offer that says nothing about this customer."""
    clause = _around(plain, start, end, _CLAUSE)
    before = _PUBLIC_BEFORE.search(plain[max(0, start - 12) : start])
    if offer:
        return bool(before) or not (_OWN.search(clause) and _TERMS.search(clause))
    return bool(before or _PUBLIC_AFTER.match(plain[end : end + 8])) and not _OWN.search(clause)


def _around(plain: str, start: int, end: int, stop: re.Pattern[str]) -> str:
    """The clause or sentence around a span."""
    before = [match.end() for match in stop.finditer(plain, max(0, start - _FAR), start)]
    after = stop.search(plain, end, end + _FAR)
    return plain[before[-1] if before else max(0, start - _FAR) : after.start() if after else end + _FAR]
