"""What the content gate says of words that no customer is addressed with yet: canned replies, the bank's own texts."""

from __future__ import annotations

from app.flows.check.samples import SAMPLES
from app.flows.reading.masking import secrets_in
from app.handlers.service import Service
from app.rules.gate import Draft, Verdict
from app.rules.gate import judge as judged


def judge(service: Service, language: str, words: str) -> Verdict:
    """`words` with sample values. Whether a figure may be told, or a code asked for, depends on the customer, and is
    judged when a text is sent."""
    return judged(
        Draft(
            words=words,
            language=language,
            purpose="answer",
            count_parts=service.gateway.count_parts,
            signature=service.signature(language),
            verified=True,
            code_open=True,
            domains=service.domains,
            hotline=service.hotline,
            phones=frozenset({service.caller, SAMPLES["hotline"], SAMPLES["caller"]}),
            secrets_in=secrets_in,
        )
    )
