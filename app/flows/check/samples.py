"""The longest values that a text reasonably meets, to measure it with."""

from __future__ import annotations

from app.flows.library import Catalogue

SIGNATURE = "【示例农村商业银行】"
MOST_PARTS = 3  # domain.md, How it should talk: one part is the ideal, three the limit

MONEY = "1888888.88"
SPAN = "2026-12-23T14:00:00+08:00/2026-12-23T15:00:00+08:00"
LATER = "2026-12-23T16:00:00+08:00/2026-12-23T17:00:00+08:00"

SAMPLES: dict[str, str] = {
    "now": "2026-11-02T10:00:00+08:00",
    "bank": "示例农村商业银行",
    "hotline": "400-889-5500",
    "caller": "400-889-5500",
    "callback": SPAN,
    "info_link": "https://www.examplebank.com.cn/info/update",
    "available": MONEY,
    "limit": MONEY,
    "amount": MONEY,
    "balance": MONEY,
    "expires_on": "2027-12-28",
    "due_on": "2026-12-28",
    "day": "2026-12-28",
    "days": "188",
    "autopay": "yes",
    "left": "2",
    "minutes": "30",
    "ahead": "12",
    "wait": "10",
    "opens": "2026-12-23T09:00:00+08:00",
    "slot1": SPAN,
    "slot2": LATER,
    "start": SPAN,
    "tail": "8000",
    "address": "w***@...cn",
    "mails": "yes",
    "last4": "0123",
    "topic": "complaint",
    "offered": "2026-12-28",
    "first_day": "2026-12-28",
    "second_day": "2026-12-27",
    "third_day": "2026-12-26",
}
CUSTOMERS = {"zh-CN": "欧阳先生", "en": "Ms Featherstone"}


def samples(catalogue: Catalogue, language: str) -> dict[str, str]:
    """`SAMPLES`, with the longest title where a text names a flow."""
    titles = {flow: catalogue.texts.title(language, flow) for flow in catalogue.flows}
    longest = max(catalogue.flows, key=lambda flow: len(titles[flow]))
    proving = [f.name for f in catalogue.flows.values() if any(step.proof for step in f.steps.values())]
    asked = max(proving, key=lambda flow: len(titles[flow]), default="")
    return {
        **SAMPLES,
        "customer": CUSTOMERS.get(language, CUSTOMERS["en"]),
        "for": asked,
        "where": f"{longest}.steps.3",
        **dict.fromkeys(("first", "second", "third"), longest),
    }


def ucs2_parts(text: str) -> int:
    """Parts when the whole text travels as UCS-2, as any text does that has a Chinese character in it: 70 units
    alone, 67 in each of several (`gateways.md` §3.3)."""
    units = sum(2 if character > "\uffff" else 1 for character in text)
    return 1 if units <= 70 else -(-units // 67)
