"""A template and values become words. One pass, nothing is evaluated, and a value is never read for placeholders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.care.person import Person
from app.care.placeholders import MARK, PLACEHOLDERS, fits, named, written
from app.care.template import Template
from app.care.terms import told
from app.rules.titles import address

_MANAGER = {"zh-CN": "经理", "en": "Manager"}


class MissingValue(ValueError):
    """A placeholder has no value and no words instead: the text stays back. `placeholder`: its name."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(f"{{{placeholder}}} has no value and no words instead")
        self.placeholder = placeholder


def render(template: Template, values: Mapping[str, str]) -> str:
    """The words of a template, unsigned and without a way out. `values`: as `values_of` gives them; one that is empty,
    or could be read as something else than words, counts as missing.

    Raises `MissingValue` for the first placeholder, in the order of the text, that has neither value nor fall-back.
    """
    return MARK.sub(lambda mark: _filling(template, values, mark[1])[0], template.words)


def filled(template: Template, values: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """For each placeholder of the text, what stands for it and why: (words, `value`), (words, `fallback`) or
    ("", `missing`)."""
    found: dict[str, tuple[str, str]] = {}
    for mark in MARK.findall(template.words):
        try:
            found[named(mark)[0] or mark] = _filling(template, values, mark)
        except MissingValue as missing:
            found[missing.placeholder] = ("", "missing")
    return found


def values_of(
    person: Person,
    given: Mapping[str, Any],
    *,
    bank: str,
    hotline: str,
    link: str,
    language: str = "",
) -> dict[str, str]:
    """What is known for the placeholders of a text to that customer, written out by type; unknown ones are left out.

    `given`: of the event or day that led to the text: the placeholders whose source is `given`, and `occasion`
    (`xiaoshu:2026-07-07`), which names the day. `language`: the text's, the customer's own unless told.
    """
    language = language or person.language
    term, care = told(str(given.get("occasion", "")), language)
    known: dict[str, Any] = {
        "customer": address(person.name, person.title, language),
        "manager": _manager(person.manager_name, language),
        "manager_phone": person.manager_phone,
        "bank": bank,
        "hotline": hotline,
        "link": link,
        "term": term,
        "care": care,
    }
    known |= {name: given.get(name) for name, one in PLACEHOLDERS.items() if one.source == "given"}
    known["appointment"] = given.get("appointment", given.get("day"))  # as events of appointments call it
    said = {name: written(PLACEHOLDERS[name].type, value, language) for name, value in known.items()}
    return {name: value for name, value in said.items() if value}


def _manager(name: str, language: str) -> str:
    """李晓明 -> 李经理; in English only a name in Latin letters: Manager Lee."""
    return address(name, _MANAGER[language], language) if name.isascii() == (language == "en") else ""


def _filling(template: Template, values: Mapping[str, str], mark: str) -> tuple[str, str]:
    name = named(mark)[0]
    placeholder = PLACEHOLDERS.get(name)
    if placeholder is None:
        raise MissingValue(name or mark)
    value = values.get(name, "")
    if fits(value, placeholder.type):
        return value, "value"
    words = template.fallbacks.get(name, "")
    if not words:
        raise MissingValue(name)
    said = MARK.sub(lambda inner: _certain(values, inner[1]), words)
    if not fits(said, "text"):
        raise MissingValue(name)
    return said, "fallback"


def _certain(values: Mapping[str, str], mark: str) -> str:
    """A placeholder within a fall-back has none itself."""
    placeholder = PLACEHOLDERS.get(mark)
    value = values.get(mark, "")
    if placeholder is None or not fits(value, placeholder.type):
        raise MissingValue(mark)
    return value
