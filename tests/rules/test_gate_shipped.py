"""Every text that the bot can send passes the gate as what it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.flows.catalogue import CATALOGUE
from app.flows.check.known import SAID_OUTSIDE
from app.flows.check.samples import SAMPLES, samples
from app.flows.check.words import placeholders, variants
from app.flows.texts import Unfilled
from tests.rules.drafts import verdict

DOMAINS = frozenset({"examplebank.com.cn"})
HUSHED = {"title", "path"}


def said() -> Iterator[tuple[str, str]]:
    """Language and key of all that a flow, a guide or the service says."""
    for language, words in CATALOGUE.texts.languages.items():
        keys = dict.fromkeys(key.removesuffix(".say") for key in words if ".options." not in key)
        for key in keys:
            flow, _, step = key.partition(".")
            known = flow in CATALOGUE.flows and step.removesuffix(".again") in CATALOGUE.flows[flow].steps
            if known or key in SAID_OUTSIDE:
                yield language, key


def filled(language: str, key: str) -> Iterator[str]:
    values = samples(CATALOGUE, language)
    flow, _, step = key.partition(".")
    base = f"{flow}.{step.removesuffix('.again')}"
    options = [
        CATALOGUE.texts.fill(language, label, values)
        for name, label in CATALOGUE.texts.languages[language].items()
        if name.startswith(f"{base}.options.")
    ]
    values["options"] = " ".join(f"{n}{label}" for n, label in enumerate(options, 1)) or {"en": "1 yes 0 no"}.get(
        language, "1是 0不是"
    )
    for n, guide in enumerate(CATALOGUE.texts.guides.values(), 1):
        for step_words in guide.steps[language]:
            for way in variants(step_words):
                values |= {"n": str(n), "size": "8", "step": CATALOGUE.texts.fill(language, way, values)}
                for text in variants(CATALOGUE.texts.word(language, key)):
                    try:
                        yield CATALOGUE.texts.fill(language, text, values)
                    except Unfilled:
                        continue


@pytest.mark.parametrize(("language", "key"), list(said()))
def test_a_shipped_text_passes(language: str, key: str) -> None:
    flow, _, name = key.partition(".")
    step = CATALOGUE.flows[flow].steps.get(name.removesuffix(".again")) if flow in CATALOGUE.flows else None
    texts = dict.fromkeys(filled(language, key))
    assert texts
    for text in texts:
        answer = verdict(
            text,
            language=language,
            purpose="code" if step and step.code and not key.endswith(".again") else "answer",
            verified=bool(step and step.figures),
            code_open=flow in CATALOGUE.flows and any(one.code for one in CATALOGUE.flows[flow].steps.values()),
            domains=DOMAINS,
            hotline=SAMPLES["hotline"],
            most_parts=5,
        )
        assert answer.reasons == (), text


def test_there_are_many() -> None:
    keys = list(said())
    assert len(keys) > 100
    assert {language for language, _ in keys} == set(CATALOGUE.texts.languages)


def test_figures_of_the_shipped_texts_are_refused_without_proof() -> None:
    """The gate sees on its own what the flows mark: the other half of law 10."""
    for language in CATALOGUE.texts.languages:
        for flow in CATALOGUE.flows.values():
            for step in flow.steps.values():
                key = f"{flow.name}.{step.name}"
                if step.figures and placeholders(CATALOGUE.texts.word(language, key)):
                    for text in filled(language, key):
                        found = {one.code for one in verdict(text, language=language, most_parts=9).refusals}
                        assert "figures_unverified" in found, text
