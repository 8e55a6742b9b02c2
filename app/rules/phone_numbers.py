"""Phone numbers as the service writes them everywhere: E.164, `+8613800138000`."""

from __future__ import annotations

import re

import phonenumbers

_SPACING = re.compile(r"[\s().-]+")
_MAINLAND = re.compile(r"1[3-9][0-9]{9}")
_ABROAD = re.compile(r"\+[1-9][0-9]{6,14}")


def e164(written: str) -> str:
    """`138 0013 8000` -> `+8613800138000`; a mainland mobile number may come without its country code.

    A mainland number is taken by its form alone: new ranges are given out faster than lists of them are printed.
    Any other must exist in the numbering plan of its country. Raises ValueError with the reason, without the number.
    """
    number = _SPACING.sub("", written)
    if _MAINLAND.fullmatch(number):
        return f"+86{number}"
    if number.startswith("+86") and _MAINLAND.fullmatch(number[3:]):
        return number
    if not _ABROAD.fullmatch(number):
        raise ValueError("is neither +country code and number, nor a mainland mobile number of 11 digits")
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        raise ValueError("has a country code that does not exist") from None
    if not phonenumbers.is_valid_number(parsed):
        raise ValueError("does not exist in the numbering plan of its country")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def readable(number: str) -> str:
    """`+8613800138000` -> `+86 138 0013 8000`: in the groups of its country, to be dialled by hand."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
