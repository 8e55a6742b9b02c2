"""What is different between two versions of a template, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from flask_babel import gettext as _
from markupsafe import Markup, escape

from app.care.menu import Reply
from app.care.template import Template
from app.web.console import names
from app.web.console.care.templates_named import PARTS

PIECES = re.compile(r"\{[^{}]*\}|https?://\S+|[A-Za-z0-9.,%]+|\s+|.", re.DOTALL)
"""A placeholder, an address, a Latin word or figure, or one character: Chinese has no spaces to cut at."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field, and how it reads with what went and what came marked."""

    label: str
    marked: Markup


def changes(old: Template, new: Template) -> list[Change]:
    """The fields that differ, in the order of the page."""
    before, after = dict(_fields(old)), dict(_fields(new))
    labels = [*after, *(label for label in before if label not in after)]
    pairs = [(label, before.get(label, ""), after.get(label, "")) for label in labels]
    return [Change(label, marked(one, other)) for label, one, other in pairs if one != other]


def marked(old: str, new: str) -> Markup:
    """`new` with what was added in <ins> and what went in <del>."""
    before, after = PIECES.findall(old), PIECES.findall(new)
    out = Markup()
    for what, start, end, to, until in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = "".join(before[start:end]), "".join(after[to:until])
        if what == "equal":
            out += escape(come)
            continue
        if gone:
            out += Markup("<del>") + escape(gone) + Markup("</del>")
        if come:
            out += Markup("<ins>") + escape(come) + Markup("</ins>")
    return out


def _fields(template: Template) -> Iterator[tuple[str, str]]:
    if template.model is None:
        yield _("Words"), template.body
    else:
        for part, said in PARTS.items():
            yield str(said), getattr(template.model, part)
    for name, words in sorted(template.fallbacks.items()):
        yield _("Instead of {%(name)s}", name=name), words
    for reply in template.replies:
        yield _("Reply %(key)s", key=reply.key), reply_said(reply)
    yield _("Link"), template.target
    yield _("Second text"), template.second
    yield _("Confirmed in the second channel"), _("yes") if template.confirm else _("no")


def reply_said(reply: Reply) -> str:
    """办理 也可 好的 → 用款."""
    words = " / ".join((reply.key, *reply.words))
    return f"{words} → {names.flow_name(reply.flow) or reply.flow}"
