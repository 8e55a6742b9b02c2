"""The answers that an open question offers now: what the prompt lists, and the words that choose them."""

from __future__ import annotations

from app.flows.library import Catalogue
from app.flows.reading.meaning import Option
from app.flows.table import Step
from app.flows.vocabulary import Choice, Place, Slots


def choices(catalogue: Catalogue, language: str, place: Place, values: Slots) -> tuple[Choice, ...]:
    """The choices of the step in which the customer stands. An option whose label has a hole is not among them."""
    step, texts = _step(catalogue, place), catalogue.texts
    if step.kind == "guide":
        return texts.guide(step.guide).choices(int(values.get("n", "1")))
    if step.options_from:
        names = [name for name in values.get(step.options_from, "").split(",") if name]
        return tuple(Choice(str(n), name) for n, name in enumerate(names, 1))
    key_of_step = f"{place.flow}.{place.step}"
    offered = [(key, name) for key, name in step.options if texts.offered(language, key_of_step, name, values)]
    # Numbers count what is offered, so that a missing option leaves no gap; letters stay as they are.
    numbers = iter(range(1, len(offered) + 1))
    return tuple(Choice(str(next(numbers)) if key.isdigit() else key, name) for key, name in offered)


def options(catalogue: Catalogue, language: str, place: Place, values: Slots) -> tuple[Option, ...]:
    """The same for the reader: each choice with its label and synonyms. Empty when the step waits for no words."""
    if not _step(catalogue, place).waiting:
        return ()
    key = f"{place.flow}.{place.step}"
    return tuple(
        Option(choice.name, choice.key, catalogue.texts.option_words(language, key, choice.name, values))
        for choice in choices(catalogue, language, place, values)
    )


def _step(catalogue: Catalogue, place: Place) -> Step:
    return catalogue.flows[place.flow].steps[place.step]
