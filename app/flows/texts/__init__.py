"""Every word that a customer sees, by language, from the TOML files beside this one.

A text is a string, or a table with `say`, `again` (for somebody who did not answer) and `options` (name = label).
Placeholders are `{name}` or `{name:form}`; the forms, and what [brackets] mean, are in `form.py`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from app.flows.texts.form import Former, Unfilled
from app.flows.texts.guides import Guide, load_guides
from app.flows.vocabulary import Choice, Say, Slots

HERE = Path(__file__).parent
DIGITS = frozenset("0123456789")


class NoSuchText(KeyError):
    """A language file lacks a text; the message names language and key."""


@dataclass(frozen=True)
class Texts:
    """`languages`: language -> dotted key -> string. `guides`: by id."""

    languages: Mapping[str, Mapping[str, str]]
    guides: Mapping[str, Guide]

    @classmethod
    def load(cls, folder: Path = HERE) -> Texts:
        """Reads `*.toml` and `guides/*.toml`. Raises `tomllib.TOMLDecodeError` for a file that is not TOML."""
        languages = {
            path.stem: dict(_flatten(tomllib.loads(path.read_text(encoding="utf-8"))))
            for path in sorted(folder.glob("*.toml"))
        }
        return cls(languages, load_guides(folder / "guides"))

    @cached_property
    def _formers(self) -> dict[str, Former]:
        return {
            language: Former(language, {**words, **self._guide_titles(language)})
            for language, words in self.languages.items()
        }

    def _guide_titles(self, language: str) -> dict[str, str]:
        return {
            f"guide_{name}.title": guide.titles[language]
            for name, guide in self.guides.items()
            if language in guide.titles
        }

    def has(self, language: str, key: str) -> bool:
        return self._find(language, key) is not None

    def word(self, language: str, key: str) -> str:
        found = self._find(language, key)
        if found is None:
            raise NoSuchText(f"{language}: {key}")
        return found

    def _find(self, language: str, key: str) -> str | None:
        """A guide's flow, `guide_<name>`, says what all guides say unless it has words of its own."""
        words = self.languages.get(language, {})
        common = re.sub(r"^guide_\w+\.", "guide.", key)
        return words.get(f"{key}.say", words.get(key, words.get(common)))

    def title(self, language: str, flow: str) -> str:
        """What the flow is called in other texts; empty when it has no title."""
        return self._formers[language].words.get(f"{flow}.title", "")

    def fill(self, language: str, text: str, values: Slots) -> str:
        """`text` with its placeholders filled. Raises as `render` does."""
        return self._formers[language].format(text, values)

    def forms(self, language: str) -> frozenset[str]:
        """The forms that a placeholder of this language may ask for."""
        return self._formers[language].forms

    def guide(self, name: str) -> Guide:
        return self.guides[name]

    def render(self, language: str, say: Say, own: str = "") -> str:
        """The words of one `Say`, without the bank's signature; `own` are the bank's, over those that are shipped
        unless something in them cannot be filled. Raises `NoSuchText`, or `Unfilled` for a placeholder without a value:
        a text with a hole in it is never sent."""
        if say.key.startswith("guide."):
            return self._render_guide(language, say)
        values = {**say.values, "options": self._options(language, say)}
        former, said = self._formers[language], ""
        with suppress(Unfilled, ValueError):
            said = former.format(own, values).strip()
        said = said or former.format(self.word(language, say.key), values).strip()
        return said[:1].upper() + said[1:]  # a greeting that fell away leaves a small letter in front

    def offered(self, language: str, step: str, option: str, values: Slots) -> bool:
        """False when the option's label has a placeholder that nothing fills."""
        try:
            self.label(language, step, option, values)
        except Unfilled:
            return False
        return True

    def label(self, language: str, step: str, option: str, values: Slots) -> str:
        words = self.languages[language]
        key = f"{step.removesuffix('.again')}.options.{option}"
        found = words.get(key) or words.get(f"meaning.{option}")
        if found is None:
            raise NoSuchText(f"{language}: {key}")
        return self._formers[language].format(found, values)

    def option_words(self, language: str, step: str, option: str, values: Slots) -> tuple[str, ...]:
        """Ways to choose an option other than by its key: its label, and `[choices]` synonyms of its name."""
        words = self.languages[language]
        if option in {"next", "back", "again", "stuck", "stopped"}:
            return _listed(words.get(f"guide.words.{option}", ""))
        more = _listed(words.get(f"choices.{option}", ""))
        return (self.label(language, step, option, values), *more)

    def _options(self, language: str, say: Say) -> str:
        if not say.choices:
            return ""
        english = language.startswith("en")
        labels = [self.label(language, say.key, choice.name, say.values) for choice in say.choices]
        # 1)14:00, not 114:00
        touching = len(labels) > 1 and any({*label[:1], *label[-1:]} & DIGITS for label in labels)
        mark = ")" if touching else " " if english else ""
        listed = [f"{choice.key}{mark}{label}" for choice, label in zip(say.choices, labels, strict=True)]
        return (", " if english else " ").join(listed)

    def _render_guide(self, language: str, say: Say) -> str:
        guide, n = self.guide(say.key.removeprefix("guide.")), int(say.values.get("n", "1"))
        first = "first_mail" if say.values.get("mails") else "first"
        tail = "last" if n == guide.size else first if n == 1 else "middle"
        values = {**say.values, "n": str(n), "size": str(guide.size), "step": guide.step(language, n)}
        values["step"] = self._formers[language].format(values["step"], values)
        return self._formers[language].format(self.word(language, f"guide.{tail}"), values)


def _listed(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)


__all__ = ["Choice", "NoSuchText", "Texts", "Unfilled"]
