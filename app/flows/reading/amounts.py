"""Amounts of money, card tails and phone numbers inside a text."""

from __future__ import annotations

import re
from decimal import Decimal

import phonenumbers

from app.flows.reading.numbers import HAN_NUMBER, integer

_UNITS = {"千": 1000, "k": 1000, "仟": 1000, "万": 10000, "w": 10000, "萬": 10000, "百": 100}
_FIGURE = re.compile(
    r"(?<![\d.#*:/\-])(?P<cur>[¥$]|rmb|cny|usd)?\s*(?P<n>\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,9}(?:\.\d{1,4})?)\s*"
    r"(?P<scale>[千万百kw](?![a-z]))?(?P<more>\d)?\s*(?P<unit>元|块钱?|圆|人民币|rmb|cny|yuan|usd|dollars?|bucks)?(?![\d:])"
)
_WORDS = re.compile(rf"(?P<n>{HAN_NUMBER})(?P<unit>元|块钱?|圆|人民币)?")
_TAIL = re.compile(
    r"(?:尾号|末四位|后四位|末尾|卡尾|卡号"
    r"|last ?(?:4|four)(?: digits)?(?: of my card)?|ending(?: in| with)?|card)[\s:是为#is]*(?P<tail>\d{4})(?!\d)"
)
_PHONE = re.compile(r"(?<![\d*#])(?:\+|00)?[1-9][\d \-]{6,17}\d(?![\d*])|(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)")


def find_amount(text: str) -> Decimal | None:
    """Yuan in a normalised text: "5,360元", "5千", "两万", "1.5w". A bare number without unit is none."""
    for match in _FIGURE.finditer(text):
        scale, more = match["scale"], match["more"]
        if not (match["cur"] or scale or match["unit"] or "," in match["n"]):
            continue
        value = Decimal(match["n"].replace(",", "")) * _UNITS.get(scale or "", 1)
        if more and scale:  # "2万5"
            value += Decimal(more) * _UNITS[scale] / 10
        return value.normalize() if value != value.to_integral() else value.to_integral()
    for match in _WORDS.finditer(text):
        number = integer(match["n"])
        if number and (match["unit"] or (number >= 100 and match["n"][-1] in "百千万仟" and len(match["n"]) > 1)):
            return Decimal(number)
    return None


def find_last4(text: str) -> str | None:
    """The card tail named in a normalised text ("尾号0012"), leading zeros kept."""
    match = _TAIL.search(text)
    return match["tail"] if match else None


def find_phone(text: str, region: str = "CN") -> str | None:
    """The first valid phone number in a normalised text, as E.164, or None."""
    for match in _PHONE.finditer(text):
        written = match[0]
        if sum(char.isdigit() for char in written) < 8:
            continue
        if written.startswith("00"):
            written = "+" + written[2:]
        elif re.match(r"86\D?1[3-9]", written):
            written = "+" + written
        try:
            number = phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None
