"""Links: https only, to the bank's own domains, and nothing that looks like one and is another (B6, B7)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.rules.gate.codes import reason
from app.rules.gate.draft import Draft, Reason
from app.rules.gate.form import Form

_TLD = (
    "com|cn|net|org|edu|gov|info|biz|top|xyz|vip|club|shop|site|online|store|cc|tv|io|co|app|link|ltd|ink|tel|mobi|work"
    "|fun|icu|wang|ren|tech|cloud|pro|name|asia|hk|tw|mo|sg|uk|jp|kr|us|eu|ru|de|fr|ca|au|nz|ly|gl|gd|la|ws|pw|tk|ml|ga|cf"
    "|live|space|website|press|page|dev|bank|pay|loan|loans|finance|money|credit|click"
)
_WORDLIKE = "in|to|is|it|me|at|be|so|my|no|do|am"
"""Endings that are English words too: an address only with a path behind or www in front."""
_DOT = r"(?:[.。]|\s*[\[(]?\s*(?:点|\bdot\b)\s*[\])]?\s*)"
_URL = re.compile(
    r"(?<![a-z])(?P<scheme>[a-z][a-z0-9+.-]{1,14})\s*:\s*[/\\]\s*[/\\](?P<rest>[^\s，。！？；、“”‘’（）《》〈〉【】]*)"
)
_SCHEMES = re.compile(r"(?<![a-z])(?:javascript|data|mailto|tel|sms|weixin|alipays?|intent)\s*:\s*(?=[a-z0-9+/])")
_BARE = re.compile(
    r"(?<![a-z0-9@._%+-])"
    rf"(?:(?:www\.)[a-z0-9-]+(?:\.[a-z0-9-]+)*|(?:[a-z0-9-]+{_DOT}){{1,5}}?(?:{_TLD})"
    rf"|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:{_WORDLIKE})(?=/[a-z0-9]))"
    r"(?![a-z0-9@-])(?:[:/?#][^\s，。！？；、]*)?"
)
_SPACED = re.compile(
    r"(?<![a-z0-9])[a-z0-9-]{2,}\s+\.\s*(?:com|cn|net|org|top|xyz|vip"
    r"|cc)(?![a-z0-9])|(?<![a-z0-9])[a-z0-9-]{2,}\.\s+(?:com|cn|net|top"
    r"|xyz)(?![a-z0-9])"
)
_ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?:[:/][^\s]*)?(?![\d.])")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_AHEAD = re.compile(r"[.:/。点]|dot")
"""Without one of these there is no link of any kind."""


def reasons(form: Form, draft: Draft) -> Iterator[Reason]:
    """What is wrong with the links of a text; an allowed one gives nothing."""
    plain = form.plain
    if not _AHEAD.search(plain):
        return
    rest = list(plain)
    for match in _URL.finditer(plain):
        found = form.from_plain(*match.span())
        rest[match.start() : match.end()] = " " * len(match[0])
        code = _fault(match["scheme"], match["rest"], found, draft.domains)
        if code:
            yield reason(code, found)
    left = "".join(rest)
    for pattern, code in (
        (_SCHEMES, "link_not_https"),
        (_ADDRESS, "link_disguised"),
        (_BARE, "link_bare"),
        (_SPACED, "link_bare"),
    ):
        for match in pattern.finditer(left):
            yield reason(code, form.from_plain(*match.span()))


def _fault(scheme: str, rest: str, found: str, domains: frozenset[str]) -> str:
    if not found.isascii() or "\\" in rest or scheme + "://" != found[: len(scheme) + 3].casefold():
        return "link_disguised"  # another alphabet, a backslash or a space is read one way and opened another
    if scheme != "https":
        return "link_not_https"
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in host or ":" in host or not _HOST.fullmatch(host) or host.startswith("xn--") or ".xn--" in host:
        return "link_disguised"
    if not any(host == domain or host.endswith(f".{domain}") for domain in domains):
        return "link_foreign"
    return ""
