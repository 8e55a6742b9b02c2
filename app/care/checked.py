"""What is wrong with a template before it has a customer: each fault names its field and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlsplit

from app.care.menu import Reply
from app.care.placeholders import ALWAYS, LANGUAGES, MARK, PERSONAL, PLACEHOLDERS, fits, marks, named
from app.care.template import Kind, Template
from app.rules.purpose import Purpose

PURPOSES: dict[Kind, frozenset[Purpose]] = {
    "care": frozenset({"commercial"}),
    "festival": frozenset({"commercial"}),
    "product": frozenset({"commercial"}),
    "activity": frozenset({"commercial"}),
    "service": frozenset({"service", "reminder"}),
}
"""Who refused commercial texts wants no greetings either: care is sent as an offer is, with the way out."""

_MEANT = (
    "td t n r 0 00 000 0000 qx q g stop stopall end quit cancel unsubscribe 退订 拒收 取消 hf 恢复 start unstop "
    "人工 rg agent human 帮助 bz 菜单 help info ?"
)
REFUSING = frozenset(_MEANT.split())
"""Words that mean the same everywhere: refusals and their lifting, a person, help, changes of a callback."""

LONGEST = 400
"""Characters of a template: nothing longer fits three parts."""
_KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
_REPLY = re.compile(r"[A-Za-z0-9一-鿿]{1,12}")
_ASKED = re.compile(r"回复|(?<![a-z])(?:reply|text)\s+", re.IGNORECASE)
_FIRST = re.compile(
    r"回复\s*[“\"']?([A-Za-z0-9]+|(?![您你我本此的了后]|短信|数字|即可)[一-鿿]{1,12})"
    r"|(?<![a-z])(?:[Rr]eply|[Tt]ext)\s+[\"']?([0-9A-Z]+)(?![A-Za-z])"
)
_ITEM = re.compile(r"(?<![0-9A-Za-z.,-])[1-9](?=[一-鿿])|(?<=[,.] )[1-9](?= (?:for|to|if)\b)|(?<=or )[1-9](?= )")
_SENTENCE = re.compile(r"[。；！？!?;\n]|\.(?:\s|$)")
_WAY_OUT = re.compile(r"退订|拒收|opt ?out|unsubscribe|to stop", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fault:
    """`field`: as a file or a form names it: `body`, `model.call`, `fallbacks.customer`, `replies.1`. `code` tells a
    page in another language what `says` tells in English."""

    field: str
    code: str
    says: str


def faults(template: Template) -> list[Fault]:
    """Everything that is wrong, in the order of the fields. Whether `second` and the flows of `replies` exist is for
    who knows them."""
    return [*_head(template), *_words(template), *_fallbacks(template), *_replies(template), *_target(template)]


def _head(template: Template) -> Iterator[Fault]:
    if not _KEY.fullmatch(template.key):
        yield Fault("key", "key", "must be 2 to 40 small letters, digits and _, beginning with a letter")
    if template.language not in LANGUAGES:
        yield Fault("language", "language", f"{template.language!r} is none of {', '.join(LANGUAGES)}")
    if template.kind not in get_args(Kind):
        yield Fault("kind", "kind", f"{template.kind!r} is none of {', '.join(get_args(Kind))}")
    elif template.purpose not in PURPOSES[template.kind]:
        wanted = " or ".join(sorted(PURPOSES[template.kind]))
        yield Fault("purpose", "purpose", f"a text of the kind {template.kind} is {wanted}, not {template.purpose!r}")
    if template.second == template.key:
        yield Fault("second", "second", "a text is not its own second text")
    if template.second and not template.target:
        yield Fault("second", "second", "a second text follows a link that nobody opened; put {link} and a target")


def _fields(template: Template) -> Iterator[tuple[str, str]]:
    if template.model is None:
        yield "body", template.body
        return
    for name in ("benefit", "trigger", "trust", "limit", "call"):
        yield f"model.{name}", getattr(template.model, name)


def _words(template: Template) -> Iterator[Fault]:
    if template.model is not None and template.body:
        yield Fault("body", "both", "the words stand in body or in model, not in both")
    if template.model is not None and template.kind == "service":
        yield Fault("model", "model", "the five parts are for offers; a service text has a body")
    for field, words in _fields(template):
        if not words.strip() and field in {"body", "model.benefit", "model.call"}:
            yield Fault(field, "empty", "has no words")
        if words.lstrip().startswith(("【", "[")):
            yield Fault(field, "signature", "begins with a name in brackets; the bank's is put in front by itself")
        if _WAY_OUT.search(words):
            yield Fault(field, "way_out", "tells how to refuse; the route adds that at the end")
        for mark in marks(words):
            yield from _mark(field, mark)
    if len(template.words) > LONGEST:
        yield Fault("body", "long", f"has {len(template.words)} characters; {LONGEST} is the most")


def _mark(field: str, mark: str) -> Iterator[Fault]:
    if mark in {"{", "}"}:
        yield Fault(field, "brace", f"a {mark} stands alone")
        return
    name, kind = named(mark)
    if name in PERSONAL:
        says = f"{{{mark}}} is the customer's own: it is never told before a code; ask for a reply such as 回复ZD"
        yield Fault(field, "personal", says)
    elif name not in PLACEHOLDERS:
        yield Fault(field, "unknown", f"{{{mark}}} is no placeholder; there are {', '.join(PLACEHOLDERS)}")
    elif kind and kind != PLACEHOLDERS[name].type:
        yield Fault(field, "type", f"{{{mark}}}: {name} is of the type {PLACEHOLDERS[name].type}, not {kind}")


def _fallbacks(template: Template) -> Iterator[Fault]:
    used = {named(mark)[0] for mark in marks(template.words)}
    for name, words in template.fallbacks.items():
        field = f"fallbacks.{name}"
        if name not in used:
            yield Fault(field, "unused", f"{{{name}}} does not stand in the text")
        if name in ALWAYS or name == "link":
            yield Fault(field, "needless", f"{{{name}}} always has a value")
        if not words.strip():
            yield Fault(field, "empty", "has no words; leave it out and a text without the value stays back")
        elif not fits(MARK.sub("1", words), "text"):
            yield Fault(field, "shape", f"must be one short line, without brackets: {words!r}")
        for mark in marks(words):
            if mark not in ALWAYS:
                yield Fault(
                    field, "nested", f"{{{mark}}} may be missing as well; only {{bank}} and {{hotline}} may stand here"
                )


def _replies(template: Template) -> Iterator[Fault]:
    seen: set[str] = set()
    for reply in template.replies:
        field = f"replies.{reply.key}"
        for word in (reply.key, *reply.words):
            if not _REPLY.fullmatch(word):
                yield Fault(field, "reply", f"{word!r} is no digit or short word that a customer could send")
            elif word.casefold() in REFUSING:
                yield Fault(
                    field, "reserved", f"{word} means the same everywhere (a refusal, a person, help); take a digit"
                )
            if word.casefold() in seen:
                yield Fault(field, "twice", f"{word} stands in the menu twice")
            seen.add(word.casefold())
        if not _tells(template.words, reply.key):
            yield Fault(field, "untold", f"the text does not tell the customer to reply {reply.key}")
    for asked in _told(template.words):
        if not any(_answers(reply, asked) for reply in template.replies):
            yield Fault("replies", "unanswered", f"the text asks for the reply {asked}, which is not in its menu")


def _tells(words: str, key: str) -> bool:
    return any(
        re.search(rf"(?<![0-9A-Za-z]){re.escape(key)}(?![0-9A-Za-z])", clause, re.IGNORECASE)
        for clause in _clauses(words)
    )


def _clauses(words: str) -> Iterator[str]:
    """From each place where the text asks for a reply to the end of that sentence."""
    for asked in _ASKED.finditer(words):
        end = _SENTENCE.search(words, asked.end())
        yield words[asked.end() : end.start() if end else len(words)]


def _told(words: str) -> Iterator[str]:
    """What the text asks the customer to send: what stands right behind 回复, and the further items of the list."""
    for first in _FIRST.finditer(words):
        yield first[1] or first[2]
    for clause in _clauses(words):
        yield from _ITEM.findall(clause.lstrip(" “\"'")[1:])


def _answers(reply: Reply, asked: str) -> bool:
    """Chinese goes on without a space: 回复办理即可 asks for 办理."""
    asked = asked.casefold()
    words = [word.casefold() for word in (reply.key, *reply.words)]
    return asked in words if asked.isascii() else asked.startswith(tuple(words))


def _target(template: Template) -> Iterator[Fault]:
    links = sum(named(mark)[0] == "link" for mark in marks(template.words))
    if links > 1:
        yield Fault("body", "links", "has {link} twice")
    if bool(links) != bool(template.target):
        yield Fault("target", "target", "is where {link} leads: give both or neither")
    if template.target and not _is_https(template.target):
        yield Fault("target", "https", "must be a full address that begins with https://")


def _is_https(target: str) -> bool:
    try:
        parts = urlsplit(target)
        return parts.scheme == "https" and bool(parts.hostname)
    except ValueError:  # `http://[`, and hosts that stand for others once they are normalised
        return False
