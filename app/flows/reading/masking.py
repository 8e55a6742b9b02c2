"""Card numbers, passwords and identity numbers are masked before anything is stored (domain.md: "How it should talk").

Never masked: phone numbers, amounts, and one-time codes, which the conversation itself needs.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_JOIN = r"[\s\-.·\u200b-\u200d\u2060\ufeff\u00ad\ufe00-\ufe0f]{1,3}"
_DIGIT_RUNS = re.compile(rf"\d+(?:{_JOIN}\d+)*")
_PIECES = re.compile(r"\d+")
_MOBILE = re.compile(r"(?:(?:00)?86)?1[3-9]\d{9}")
_IDENTITY = re.compile(
    r"(?<![0-9])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])"
    r"(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])",
    re.ASCII,
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

_NAMED_SECRET = re.compile(
    r"""(?P<name>
          (?<!动态)(?<!短信)(?<!一次性)(?<!验证)(?:密\s?[码碼]) | 口令 | 安全[码碼] | (?:背面|后面?|卡背|末)三[位码碼]
        | (?<![a-z])(?<!one[\s-]time\s)(?<!one[\s-]time-)
          (?:passwords?|passwd|pass\s?word|pwd|pswd|pin(?:\s?(?:code|number|no\.?))?|cvv2?|cvn2?|cvc2?)
      )
      (?P<link>\s*(?:[是为為:：=＝]|is|was|号|改成|設?设?成)?\s*(?:[是为為:：=＝]|is)?\s*["'“‘]?)
      (?P<value>[0-9A-Za-z０-９!@\#$%^&_+\-.]{3,64})""",
    re.VERBOSE | re.IGNORECASE,
)

_NAMED_CARD = re.compile(
    rf"""(?P<name>
          (?:[卡账帐賬帳]\s?[号號] | (?:银行|銀行|信用|储蓄|儲蓄|借记|借記)卡 | card(?:\s?(?:number|num|no\.?))?)
          \s*(?:[是为為:：=＝]|is|was)?\s*)
      (?P<value>\d(?:(?:{_JOIN})?\d){{12,18}})(?!\d)""",
    re.VERBOSE | re.IGNORECASE,
)


_LATIN_NAMES = ("pass", "pwd", "pswd", "pin", "cv")  # one of them is in every Latin name that `_NAMED_SECRET` knows
_CHINESE_NAMES = re.compile("密|口令|安全[码碼]|三[位码碼]|[ıİſK]")
"""One of the first is in every Chinese name that it knows; the others pass for a Latin letter, in either case."""
_FEWEST_DIGITS = 13

MARK = "****"
"""What stands in the place of a secret: also how one is known again in a text that was masked and stored before."""


class Masked(NamedTuple):
    """A text that may be stored, and the kinds of secret that were in it: "card", "password", "identity"."""

    text: str
    kinds: tuple[str, ...]

    @property
    def found(self) -> bool:
        """Whether anything was masked."""
        return bool(self.kinds)


def mask(text: str) -> Masked:
    """Replace secrets in `text`: a card number keeps its last four digits ("****1234"), the rest becomes "****".

    Idempotent. A card number is 13 to 19 digits, also with spaces, dashes or invisible characters between
    groups, that pass the Luhn check; digits glued to it (expiry, CVN) are taken with it. After "卡号" or "card" it
    needs not pass: people mistype.
    """
    if len(text) < 6 or _is_harmless(text):
        return Masked(text, ())
    kinds: list[str] = []

    def named(match: re.Match[str]) -> str:
        if not _is_secret(match["link"], match["value"]):
            return match[0]
        kinds.append("password")
        return f"{match['name']}{match['link']}****"

    def named_card(match: re.Match[str]) -> str:
        digits = "".join(char for char in match["value"] if char.isdigit())
        if _MOBILE.fullmatch(digits) or any(_MOBILE.fullmatch(piece) for piece in _PIECES.findall(match["value"])):
            return match[0]
        kinds.append("card")
        return f"{match['name']}****{digits[-4:]}"

    def identity(match: re.Match[str]) -> str:
        digits = match[0]
        weighed = sum(int(d) * w for d, w in zip(digits[:17], _WEIGHTS, strict=True)) % 11
        if "10X98765432"[weighed] != digits[17].upper():
            return digits
        kinds.append("identity")
        return "****"

    def card(match: re.Match[str]) -> str:
        masked = _mask_cards(match[0])
        if masked != match[0]:
            kinds.append("card")
        return masked

    text = _NAMED_SECRET.sub(named, text)
    text = _IDENTITY.sub(identity, text)
    text = _NAMED_CARD.sub(named_card, text)
    for _ in range(4):  # a card found may leave a neighbour that is one on its own
        again = _DIGIT_RUNS.sub(card, text)
        if again == text:
            break
        text = again
    return Masked(text, tuple(dict.fromkeys(kinds)))


def secrets_in(text: str) -> tuple[str, ...]:
    """The kinds of secret in a text, as `mask` finds them: what the gate asks for."""
    return mask(text).kinds


def _is_harmless(text: str) -> bool:
    """Surely nothing to mask, told at a tenth of the cost: every parameter of every webhook call passes here, and every
    text of a campaign."""
    if not text.isascii() and _CHINESE_NAMES.search(text):
        return False
    lower = text.lower()
    if any(name in lower for name in _LATIN_NAMES):
        return False
    return len(text) < _FEWEST_DIGITS or sum(map(len, _PIECES.findall(text))) < _FEWEST_DIGITS


def _is_secret(link: str, value: str) -> bool:
    """A value after "密码": it has a digit, or an assignment sign before it. "password reset" and "PIN is wrong"
    talk about one."""
    digits = sum(char.isdigit() for char in value)
    if digits:
        return digits >= 3 or len(value) >= 6
    return "=" in link or "＝" in link


def _mask_cards(run: str) -> str:
    """Mask in a run of digit groups. Groups are taken whole, so that a phone number beside a card stays."""
    pieces = list(_PIECES.finditer(run))
    for first in range(len(pieces)):
        digits = ""
        for piece in pieces[first:]:
            if _MOBILE.fullmatch(piece[0]):
                break
            digits += "".join(str(int(char)) for char in piece[0])
            # With 86 in front a mobile number is as long as a short card number, and one in ten passes its check.
            if len(digits) >= 13 and not _MOBILE.fullmatch(digits) and _holds_card(digits):
                start, end = pieces[first].start(), piece.end()
                return f"{run[:start]}****{digits[-4:]}{run[end:]}"
            if len(digits) > 19:
                break
    return run


def _holds_card(digits: str) -> bool:
    if len(digits) <= 19:
        return luhn(digits) and len(set(digits)) > 1
    if len(digits) > 64:  # no bank writes such a number; checking every window of it would cost
        return True
    return any(luhn(digits[at : at + 16]) or luhn(digits[at : at + 19]) for at in range(len(digits) - 15))


def luhn(digits: str) -> bool:
    """Whether the last digit of a card number is the right check digit (ISO/IEC 7812)."""
    if not 13 <= len(digits) <= 19:
        return False
    total = 0
    for place, char in enumerate(reversed(digits)):
        doubled = int(char) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
