"""The texts of this release, from `templates/*.toml`: one file for each, a section for each language.

purpose = "commercial"      # commercial · reminder · service
kind = "product"            # care · festival · product · activity · service
target = "https://…"        # where {link} leads; left out without a link
second = "settled_again"    # goes out when nobody followed the link
confirm = true              # its facts are confirmed in the second channel

[zh-CN]
scene = "贷款结清第15天"
body = "…"                  # or for an offer: model = { benefit, trigger, trust, limit, call }
fallbacks = { customer = "您好" }

[[zh-CN.replies]]
key = "1"
flow = "interest"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from app.care.checked import Fault, faults
from app.care.menu import Reply
from app.care.placeholders import LANGUAGES
from app.care.template import Model, Template

HERE = Path(__file__).parent / "templates"
_SHARED = {"purpose", "kind", "target", "second", "confirm"}
_OWN = {"scene", "body", "model", "fallbacks", "replies"}
_PARTS = ("benefit", "trigger", "trust", "limit", "call")
_REPLY = {"key", "flow", "words", "slots"}


class BadTemplate(ValueError):
    """A template is unfit. The message names file, language and field, and what to do; `faults` has them one by one."""

    def __init__(self, where: str, found: list[Fault]) -> None:
        super().__init__("\n".join(f"{where}: {fault.field}: {fault.says}" for fault in found))
        self.faults = tuple(found)


@cache
def shipped() -> Mapping[tuple[str, str], Template]:
    """The release's own templates, version 0, by key and language. Raises `BadTemplate`."""
    return MappingProxyType(load(HERE))


def load(folder: Path) -> dict[tuple[str, str], Template]:
    """The templates of every file of a folder. Raises `BadTemplate` for the first file with a fault."""
    found: dict[tuple[str, str], Template] = {}
    for path in sorted(folder.glob("*.toml")):
        found |= {(one.key, one.language): one for one in _file(path)}
    for template in found.values():
        if template.second and (template.second, template.language) not in found:
            fault = Fault("second", "second", f"there is no {template.second}.toml")
            raise BadTemplate(f"{template.key}.toml [{template.language}]", [fault])
    return found


def read(key: str, language: str, content: Mapping[str, Any], version: int = 0, *, strict: bool = True) -> Template:
    """A template from plain data, as `kept` gives it or a file has it. `strict`: its words are checked too; who only
    shows what was written once does without. Raises `BadTemplate`."""
    where = f"{key} [{language}]"
    if found := _shape(content):
        raise BadTemplate(where, found)
    model = content.get("model")
    template = Template(
        key=key,
        language=language,
        version=version,
        purpose=content.get("purpose", ""),
        kind=content.get("kind", ""),
        scene=content.get("scene", ""),
        body=content.get("body", ""),
        model=Model(**{"call": "", **model}) if model else None,
        fallbacks=dict(content.get("fallbacks", {})),
        replies=tuple(
            Reply(one["key"], one["flow"], tuple(one.get("words", ())), dict(one.get("slots", {})))
            for one in content.get("replies", ())
        ),
        target=content.get("target", ""),
        second=content.get("second", ""),
        confirm=content.get("confirm", False),
    )
    if strict and (found := faults(template)):
        raise BadTemplate(where, found)
    return template


def kept(template: Template) -> dict[str, Any]:
    """A template as plain data, for a row: without key, language and version, and without what is empty."""
    model = template.model
    content: dict[str, Any] = {
        "purpose": template.purpose,
        "kind": template.kind,
        "scene": template.scene,
        "body": template.body,
        "model": {name: said for name in _PARTS if (said := getattr(model, name))} if model else {},
        "fallbacks": dict(template.fallbacks),
        "replies": [reply.kept() for reply in template.replies],
        "target": template.target,
        "second": template.second,
        "confirm": template.confirm,
    }
    return {name: value for name, value in content.items() if value}


def _file(path: Path) -> list[Template]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadTemplate(path.name, [Fault("file", "toml", f"is not TOML: {error}")]) from None
    found = [
        Fault(name, "field", f"is not a field; there are {', '.join(sorted(_SHARED))} and a section for each language")
        for name in table
        if name not in _SHARED and name not in LANGUAGES
    ]
    found += [
        Fault(language, "language", "is missing; every text exists in every language")
        for language in LANGUAGES
        if not isinstance(table.get(language), dict)
    ]
    if found:
        raise BadTemplate(path.name, found)
    shared = {name: value for name, value in table.items() if name in _SHARED}
    templates = []
    for language in LANGUAGES:
        try:
            templates.append(read(path.stem, language, {**shared, **table[language]}))
        except BadTemplate as bad:
            raise BadTemplate(f"{path.name} [{language}]", list(bad.faults)) from None
    return templates


def _shape(content: Mapping[str, Any]) -> list[Fault]:
    """Fields that do not exist, or hold something else than they should."""
    found = [Fault(name, "field", "is not a field of a template") for name in sorted(set(content) - _SHARED - _OWN)]
    for name in ("purpose", "kind", "scene", "body", "target", "second"):
        if not isinstance(content.get(name, ""), str):
            found.append(Fault(name, "shape", "must be text"))
    if not isinstance(content.get("confirm", False), bool):
        found.append(Fault("confirm", "shape", "must be true or false"))
    for name in ("model", "fallbacks"):
        if not _is_texts(content.get(name, {})):
            found.append(Fault(name, "shape", "must be names with text"))
    if isinstance(model := content.get("model", {}), Mapping) and (strange := sorted(set(model) - set(_PARTS))):
        found.append(Fault(f"model.{strange[0]}", "field", f"is no part of an offer; they are {', '.join(_PARTS)}"))
    if isinstance(model, Mapping) and model and "benefit" not in model:
        found.append(Fault("model.benefit", "empty", "has no words"))
    replies = content.get("replies", [])
    if not isinstance(replies, (list, tuple)) or not all(map(_is_reply, replies)):
        found.append(Fault("replies", "shape", "must be tables with key and flow, and may have words and slots"))
    return found


def _is_reply(one: object) -> bool:
    if not isinstance(one, Mapping) or not {"key", "flow"} <= set(one) <= _REPLY:
        return False
    words = one.get("words", [])
    named = isinstance(one["key"], str) and isinstance(one["flow"], str) and isinstance(words, (list, tuple))
    return named and all(isinstance(word, str) for word in words) and _is_texts(one.get("slots", {}))


def _is_texts(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(name, str) and isinstance(v, str) for name, v in value.items())
