"""Faults of the words: missing, with placeholders that nothing fills, colliding, or too long."""

from __future__ import annotations

import itertools
import string
from collections.abc import Callable, Iterator

from app.flows.check.fault import Fault
from app.flows.check.known import NAMES, SAID_OUTSIDE, sure_at
from app.flows.check.samples import MOST_PARTS, samples
from app.flows.interrupts import RESERVED
from app.flows.library import Catalogue
from app.flows.questions import FACTS
from app.flows.reading.normalise import normalise
from app.flows.table import Flow, Step
from app.flows.texts import NoSuchText, Unfilled
from app.flows.texts.form import BRACKETS

FIGURES = frozenset(
    name.rstrip("?")
    for question, outcomes in FACTS.items()
    if question.startswith("bank.")
    for facts in outcomes.values()
    for name in facts.split()
) - {"autopay"}
"""What law 10 calls a figure: everything that only the bank's core can tell, except a yes or no."""


def faults(catalogue: Catalogue, count: Callable[[str], int], signature: str) -> Iterator[Fault]:
    texts = catalogue.texts
    everywhere = {key for words in texts.languages.values() for key in words}
    for language, words in texts.languages.items():
        for key in sorted(everywhere - words.keys()):
            yield Fault(*_split(key), f"has words in another language, but none in {language}")
        yield from _strays(catalogue, language)
        page = _Page(catalogue, language, count, signature)
        for key, sure in SAID_OUTSIDE.items():
            yield from page.text(*_split(key), sure)
        for flow in catalogue.flows.values():
            yield from page.flow(flow)
        for name in texts.guides:
            yield from page.guide(name)


def _split(key: str) -> tuple[str, str]:
    flow, _, rest = key.partition(".")
    return flow, rest


def _strays(catalogue: Catalogue, language: str) -> Iterator[Fault]:
    """Words of a flow that no step of it says are a slip of the pen somewhere."""
    for key in catalogue.texts.languages[language]:
        name, rest = _split(key)
        flow = catalogue.flows.get(name)
        step = rest.partition(".")[0]
        if flow is None or step in {*flow.steps, "title", "path"}:
            continue
        if f"{name}.{step}" not in SAID_OUTSIDE and f"{name}.{step}" not in {"human.opening", "human.queue"}:
            yield Fault(name, step, f"has words in {language}, but the flow has no such step")


def placeholders(text: str) -> set[tuple[str, str]]:
    """Names and forms of the placeholders in a text, wherever they stand."""
    flat = text.replace("[", "").replace("]", "").replace("|", "")
    return {(name, form or "") for _, name, form, _ in string.Formatter().parse(flat) if name is not None}


def variants(text: str) -> Iterator[str]:
    """The text with each of its brackets said in each of its ways."""
    pieces = BRACKETS.split(text)
    ways = [[piece] if n % 2 == 0 else piece.split("|") for n, piece in enumerate(pieces)]
    return ("".join(way) for way in itertools.product(*ways))


class _Page:
    """The words of one language."""

    def __init__(self, catalogue: Catalogue, language: str, count: Callable[[str], int], sign: str) -> None:
        self.catalogue, self.texts, self.language = catalogue, catalogue.texts, language
        self.count, self.sign = count, sign
        self.values = samples(catalogue, language)

    def flow(self, flow: Flow) -> Iterator[Fault]:
        if any(step.waiting for step in flow.steps.values()) and not self.texts.title(self.language, flow.name):
            yield Fault(flow.name, "title", f"is missing in {self.language}; a hand-back names the flow by it")
        proving = any(step.proof for step in flow.steps.values())
        if proving and not self.texts.has(self.language, f"{flow.name}.path"):
            yield Fault(flow.name, "path", f"is missing in {self.language}; it is told to who cannot be proven")
        sure = sure_at(flow)
        for step in flow.steps.values():
            if step.kind == "ask" or (step.kind == "end" and not step.quiet):
                yield from self._step(flow, step, sure.get(step.name, frozenset()))

    def _step(self, flow: Flow, step: Step, sure: frozenset[str]) -> Iterator[Fault]:
        key = f"{flow.name}.{step.name}"
        more, broken = self._options(flow, step)
        yield from broken
        offers = bool(step.options or step.options_from)
        always = offers and not step.lightly and not step.options_from
        sure |= {"options"} if always else set()
        yield from self.text(flow.name, step.name, sure, more, code=step.code)
        if not self.texts.has(self.language, key):
            return
        said = self.texts.word(self.language, key)
        names = {name for name, _ in placeholders(said)}
        if offers and "options" not in names:
            yield Fault(flow.name, step.name, f"offers options that its words in {self.language} do not list")
        if names & FIGURES and not step.figures:
            told = ", ".join(sorted(names & FIGURES))
            yield Fault(flow.name, step.name, f"tells {told} in {self.language} but is not marked figures")
        if self.texts.has(self.language, f"{key}.again"):
            yield from self.text(flow.name, f"{step.name}.again", sure, more)
        elif step.code:
            yield Fault(flow.name, step.name, f"needs words `again` in {self.language}: a code goes out once")

    def _options(self, flow: Flow, step: Step) -> tuple[dict[str, str], list[Fault]]:
        """What `{options}` becomes at its longest, and what is wrong with the words of the answers."""
        found: list[Fault] = []
        chosen: dict[str, str] = {}
        labels = []
        names = list(step.options)
        if step.options_from:  # up to three of the meanings that open something, as they come
            names = [("", str(meaning)) for meaning in self.catalogue.openers]
        for key, name in names:
            try:
                words = self.texts.option_words(self.language, f"{flow.name}.{step.name}", name, self.values)
            except (NoSuchText, Unfilled, ValueError) as error:
                found.append(Fault(flow.name, step.name, f"has no label for {name} in {self.language}: {error}"))
                continue
            labels.append(f"{key}){words[0]}")
            for word in {normalise(word) for word in (key, *words) if word}:
                if word in RESERVED:
                    told = f"offers {word} for {name} in {self.language}, but that word works everywhere"
                    found.append(Fault(flow.name, step.name, told))
                if chosen.setdefault(word, name) != name and not step.options_from:
                    told = f"{word} would choose both {chosen[word]} and {name} in {self.language}"
                    found.append(Fault(flow.name, step.name, told))
        if step.options_from:
            labels = sorted(labels, key=len)[-3:]
        return ({"options": ", ".join(labels)} if labels else {}), found

    def guide(self, name: str) -> Iterator[Fault]:
        guide = self.texts.guides[name]
        if self.language not in guide.steps:
            yield Fault(f"guide_{name}", "", f"has no steps in {self.language}")
            return
        sizes = {language: len(steps) for language, steps in guide.steps.items()}
        if len(set(sizes.values())) > 1:
            yield Fault(f"guide_{name}", "", f"the languages differ in their number of steps: {sizes}")
        for n, step in enumerate(guide.steps[self.language], 1):
            where = f"guide_{name}"
            yield from self._placeholders(where, str(n), step, frozenset())
            for variant in variants(step):
                said = self._filled(variant, {})
                tail = "last" if n == len(guide.steps[self.language]) else "first" if n == 1 else "middle"
                if said is not None and self.texts.has(self.language, f"guide.{tail}"):
                    whole = self.texts.word(self.language, f"guide.{tail}")
                    more = {"n": str(n), "size": str(guide.size), "step": said}
                    yield from self._length(where, str(n), whole, more)

    def text(
        self, flow: str, step: str, sure: frozenset[str], more: dict[str, str] | None = None, *,
        code: bool = False,
    ) -> Iterator[Fault]:  # fmt: skip
        key = f"{flow}.{step}"
        if not self.texts.has(self.language, key):
            yield Fault(flow, step, f"has no words in {self.language}")
            return
        said = self.texts.word(self.language, key)
        if code != (("code", "") in placeholders(said)):
            told = "must show {code}" if code else "shows {code}, but no code goes out with it"
            yield Fault(flow, step, f"{told} in {self.language}")
        broken = list(self._placeholders(flow, step, said, sure))
        yield from broken
        if not broken:
            yield from self._length(flow, step, said, more or {})

    def _placeholders(self, flow: str, step: str, said: str, sure: frozenset[str]) -> Iterator[Fault]:
        for name, form in sorted(placeholders(said)):
            if name not in NAMES:
                yield Fault(flow, step, f"has a placeholder {{{name}}} in {self.language} that nothing fills")
            if form not in self.texts.forms(self.language):
                yield Fault(flow, step, f"asks in {self.language} for the form {form}, which form.py does not have")
        for name, _ in sorted(placeholders(BRACKETS.sub("", said))):
            if name in NAMES and name not in sure:
                told = f"may be said in {self.language} when {name} is not known; put it into [brackets]"
                yield Fault(flow, step, told)

    def _filled(self, said: str, more: dict[str, str]) -> str | None:
        try:
            return self.texts.fill(self.language, said, {**self.values, **more})
        except (Unfilled, ValueError, KeyError):
            return None

    def _length(self, flow: str, step: str, said: str, more: dict[str, str]) -> Iterator[Fault]:
        filled = [self._filled(variant, more) for variant in variants(said)]
        longest = max((text for text in filled if text is not None), key=len, default="")
        parts = self.count(self.sign + longest)
        if parts > MOST_PARTS:
            yield Fault(flow, step, f"can take {parts} parts in {self.language} ({len(longest)} characters)")
