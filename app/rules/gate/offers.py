"""Offers: sent only as offers, to those who take them, with the way out at the end (rules of sending 1, B6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.rules.gate.codes import reason
from app.rules.gate.draft import Draft, Reason
from app.rules.gate.form import Form, packed
from app.rules.gate.matching import Hit
from app.rules.purpose import blocked_by

_WAY_OUT = re.compile(
    r"(?:(?:拒收|退订|不想(?:再)?(?:收|接收)[^。\n]{0,6})[,，]?\s*(?:请)?(?:回复?|发送?)\s*[“\"']?(?:td|t|n|r|0{1,4})[”\"']?"
    r"|(?:回复?|发送?)\s*[“\"']?(?:td|t|n|r|0{1,4})[”\"']?\s*(?:即可)?(?:退订|拒收|取消订阅)"
    r"|(?:reply|text|send) (?:td|stop|t|n|r) to (?:stop|opt out|unsubscribe|end)[a-z ]{0,16}"
    r"|(?:to )?(?:stop|opt out|unsubscribe)\s?[:,]?\s?(?:reply|text|send) (?:td|stop|t|n|r))"
    r"\s*[。.!！）)】\]~]*\s*(?:【[^】]*】|\[[^\]]*\])?\s*$"
)

_LAST = 60
"""Characters at the end in which the way out stands."""


def strength(hits: Sequence[Hit]) -> float:
    """1 and more is an offer; different words add up."""
    return sum({hit.entry.word: hit.entry.strength for hit in hits}.values())


def reasons(form: Form, draft: Draft, hits: Sequence[Hit]) -> Iterator[Reason]:
    """What stands against an offer, or against a text that is one without saying so."""
    for scope in sorted(blocked_by(draft.purpose) & draft.refused - {"commercial"}):
        yield reason("refused", scope)
    if draft.purpose != "commercial":
        if strength(hits) >= 1:
            best = max(hits, key=lambda hit: hit.entry.strength)
            refused = "commercial" in draft.refused
            yield reason("offer_refused" if refused else "offer_unmarked", best.words(form.text))
        return
    if "commercial" in draft.refused:
        yield reason("offer_refused")
    if not _WAY_OUT.search(form.plain[-_LAST:]):
        yield reason("no_refusal_wording")
    if draft.hotline and packed(draft.hotline) not in form.packed:
        yield reason("no_hotline", draft.hotline)
