"""Drafts of a bank that all gate tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.flows.check.samples import ucs2_parts
from app.flows.reading.masking import secrets_in
from app.rules.gate import Draft, Verdict, judge

HERE = Path(__file__).parent
SIGN = "【示例银行】"
HOTLINE = "95500"
MANAGER = "13911112222"
OUR_DOMAINS = frozenset({"bank.example.com"})
FULL_NAME = "欧阳娜娜"
WAY_OUT = f"详询{HOTLINE}，回复TD退订"


def draft(words: str, **more: Any) -> Draft:
    """An agent's answer in Chinese to a number without proof, unless `more` says otherwise."""
    usual: dict[str, Any] = {
        "words": words,
        "language": "zh-CN",
        "purpose": "answer",
        "count_parts": ucs2_parts,
        "signature": SIGN,
        "hotline": HOTLINE,
        "phones": frozenset({MANAGER}),
        "domains": OUR_DOMAINS,
        "names": frozenset({FULL_NAME}),
        "secrets_in": secrets_in,
    }
    return Draft(**(usual | more))


def verdict(words: str, **more: Any) -> Verdict:
    return judge(draft(words, **more))


def codes(words: str, **more: Any) -> set[str]:
    return {reason.code for reason in verdict(words, **more).reasons}


def lines(name: str) -> Iterator[str]:
    """The lines of a file beside the tests; empty ones and those that begin with # are left out."""
    for line in (HERE / name).read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("#"):
            yield line
