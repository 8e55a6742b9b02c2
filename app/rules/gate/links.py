"""Links: https only, to the bank's own domains, and nothing that looks like one and is another (B6, B7)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.rules.gate.codes import reason
from app.rules.gate.draft import Draft, Reason
from app.rules.gate.form import Form, Keys

_ENDS = (
    "com|cn|net|org|edu|gov|info|biz|top|xyz|vip|club|shop|site|online|store|cc|tv|io|co|app|link|ltd|ink|tel|mobi|work"
    "|fun|icu|wang|ren|tech|cloud|pro|name|asia|hk|tw|mo|sg|uk|jp|kr|us|eu|ru|de|fr|ca|au|nz|ly|gl|gd|la|ws|pw|tk|ml|ga"
    "|cf|live|space|website|press|page|dev|bank|pay|loan|loans|finance|money|credit|click"
)
_WORDLIKE = "in|to|is|it|me|at|be|so|my|no|do|am"
"""Endings that are English words too: an address only with a path behind it."""
_SURE = "com|cn|net|org|top|xyz|vip|cc"
"""Endings that are nothing else, so that a space or a word for the dot does not hide an address."""
_HAS_SURE_END = Keys(_SURE.split("|"))
_REST = r"[^\s。!?,;“”‘’()《》〈〉【】]*"
_SLASHES = re.compile(r":\s*[/\\]\s*[/\\]")
_SCHEME_BEFORE = re.compile(r"(?<![a-z])[a-z][a-z0-9+.-]{1,14}\s*$")
_LONGEST_SCHEME = 20
_TO_ITS_END = re.compile(r"[^\s。,;“”‘’()《》〈〉【】]*")
_SCHEME = re.compile(r"(?:javascript|data|mailto|tel|sms|weixin|alipays?|intent)\s*:\s*(?=[a-z0-9+/])")
_DOTTED = re.compile(rf"[.。](?:{_ENDS})(?![a-z0-9-])|[.](?:{_WORDLIKE})/[a-z0-9]")
_BARE = re.compile(
    rf"(?<![a-z0-9@._%+-])(?:[a-z0-9-]+[.。]){{1,5}}?(?:(?:{_ENDS})(?![a-z0-9@.-])|(?:{_WORDLIKE})(?=/[a-z0-9]))(?:[:/?#]{_REST})?"
    rf"|(?<![a-z0-9@._%+-])(?:[a-z0-9-]+[.。]){{1,6}}(?:{_ENDS})(?![a-z0-9@-])(?:[:/?#]{_REST})?"
)
_HIDDEN_DOT = re.compile(
    rf"(?:\s*[\[(]\s*(?:点|dot|\.)\s*[\])]\s*|\s*点\s*|\s+dot\s+|\s+[.。]\s*|[.。]\s+)(?:{_SURE})(?![a-z0-9@-])"
)
_AFTER_ONE = re.compile(rf"(?<=[\s点t.。\])])(?:{_SURE})(?![a-z0-9@-])")
"""What every match of `_HIDDEN_DOT` ends with: found at a tenth of the cost."""
_BEFORE_A_DOT = re.compile(r"[a-z0-9-]{2,63}$")
_WWW = re.compile(r"www\s*[.。]\s*[a-z0-9-]+")
_NUMBERS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])(?:[:/]\S*)?")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_PATH = re.compile(r"[/?#]")


_SHORT = re.compile(r"https://([a-z0-9-]+(?:\.[a-z0-9-]+)+)/r/[0-9A-Za-z]{11}(?![^\s\u3000-\u9fff])")
"""A short link as `handlers/care/links.py` makes them; nothing but a space or a Chinese character may follow."""


def without_ours(words: str, domains: frozenset[str]) -> str:
    """`words` with a space in the place of short links to the bank's own domains: their codes are no words."""
    if "/r/" not in words:
        return words
    return _SHORT.sub(lambda link: " " if within(link[1], domains) else link[0], words)


def reasons(form: Form, draft: Draft) -> Iterator[Reason]:
    """What is wrong with the links of a text; an allowed one gives nothing."""
    plain = form.plain
    if ":" in plain:
        for start, slashes, end in _urls(plain):
            found = plain[start:end] if plain[start:end] in form.text else form.words(start, end)
            scheme = plain[start:slashes].rstrip()
            if code := _fault(scheme, plain[start:end], found, draft):
                yield reason(code, found)
            plain = plain[:start] + " " * (end - start) + plain[end:]
        for match in _SCHEME.finditer(plain):
            yield reason("link_not_https", form.words(*match.span()))
    if plain.count(".") > 2:
        for match in _NUMBERS.finditer(plain):
            yield reason("link_disguised", form.words(*match.span()))
    if _DOTTED.search(plain):
        for match in _BARE.finditer(plain):
            yield reason("link_bare", form.words(*match.span()))
    hidden = _HAS_SURE_END.stand_in(form) and _AFTER_ONE.search(plain)
    for match in _HIDDEN_DOT.finditer(plain) if hidden else ():
        if name := _BEFORE_A_DOT.search(plain, max(0, match.start() - 64), match.start()):
            yield reason("link_bare", form.words(name.start(), match.end()))
    if "www" in plain:
        for match in _WWW.finditer(plain):
            yield reason("link_bare", form.words(*match.span()))


def _urls(plain: str) -> list[tuple[int, int, int]]:
    """Start, colon and end of everything with a scheme and two slashes."""
    found = []
    for slashes in _SLASHES.finditer(plain):
        colon = slashes.start()
        if scheme := _SCHEME_BEFORE.search(plain[max(0, colon - _LONGEST_SCHEME) : colon]):
            end = _TO_ITS_END.match(plain, slashes.end())
            found.append((colon - len(scheme[0]), colon, end.end() if end else slashes.end()))
    return found


def _fault(scheme: str, url: str, found: str, draft: Draft) -> str:
    """`url`: folded; `found`: as it stands in the text."""
    if not found.isascii() or "\\" in url or not found.casefold().startswith(f"{scheme}://"):
        return "link_disguised"  # another alphabet, a backslash or a space is read one way and opened another
    if draft.trial and found.startswith(f"{draft.trial}/"):
        return ""
    if scheme != "https":
        return "link_not_https"
    host = _PATH.split(url.removeprefix("https://"), maxsplit=1)[0]
    if not _HOST.fullmatch(host) or host.startswith("xn--") or ".xn--" in host:
        return "link_disguised"
    return "" if within(host, draft.domains) else "link_foreign"


def within(host: str, domains: frozenset[str]) -> bool:
    """Whether `host`, lower case, is one of `domains` or below one."""
    return any(host == domain or host.endswith(f".{domain}") for domain in map(str.casefold, domains))
