"""Texts a second that the content gate judges on one core: `python -m benchmarks.gate`.

Takes agents' everyday replies and the offers below; counts processor time, so that other work on the machine matters
less, and takes the best of several rounds.
"""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path
from time import process_time

from app.gateways.parts import measure
from app.rules.gate import Draft, judge

REPLIES = Path(__file__).resolve().parents[1] / "tests" / "rules" / "replies.txt"
OFFERS = (
    "王先生，您在我行的预审额度已提升，春节装修旺季，凭身份证即可在线申请，本月办理享利率8折优惠，详询95500，回复TD退订",
    "李女士您好，您去年咨询的装修贷方案已升级，最高额度提升至30万元，手机银行申请可额外获得利率折扣券，"
    "见https://bank.example.com/a，详询95500，拒收请回复R",
)
ROUNDS, TEXTS = 7, 3000


def drafts() -> dict[str, list[Draft]]:
    """The texts to judge, by what they are."""
    rows = [line.split("\t") for line in REPLIES.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    found = {
        f"replies {language}": [_draft(row[2], language) for row in rows if row[0] == language]
        for language in ("zh-CN", "en")
    }
    return {**found, "offers zh-CN": [_draft(offer, "zh-CN", "commercial") for offer in OFFERS]}


def _draft(words: str, language: str, purpose: str = "answer") -> Draft:
    return Draft(
        words=words,
        language=language,
        purpose=purpose,  # type: ignore[arg-type]
        count_parts=lambda body: measure(body).parts,
        signature="【示例银行】",
        hotline="95500",
        domains=frozenset({"bank.example.com"}),
    )


def a_second(texts: list[Draft]) -> float:
    best = 0.0
    for _ in range(ROUNDS):
        began = process_time()
        for draft in islice(cycle(texts), TEXTS):
            judge(draft)
        best = max(best, TEXTS / (process_time() - began))
    return best


def main() -> None:
    for name, texts in drafts().items():
        letters = sum(len(draft.words) for draft in texts) / len(texts)
        print(f"{name:15} {len(texts):3} texts of {letters:.0f} characters: {a_second(texts):,.0f} a second")  # noqa: T201


if __name__ == "__main__":
    main()
