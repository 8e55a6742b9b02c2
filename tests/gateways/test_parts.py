"""Part counts: the reference values of `gateways.md` §3.3, and pairs that stand at a border."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gateways.parts import Encoding, Size, measure

REFERENCE: dict[str, tuple[str, int, int, Encoding]] = {
    "160 a": ("a" * 160, 160, 1, "GSM-7"),
    "161 a": ("a" * 161, 161, 2, "GSM-7"),
    "306 a": ("a" * 306, 306, 2, "GSM-7"),
    "307 a": ("a" * 307, 307, 3, "GSM-7"),
    "80 euro": ("€" * 80, 160, 1, "GSM-7"),
    "81 euro": ("€" * 81, 162, 2, "GSM-7"),
    "159 a and a Chinese comma": ("a" * 159 + "，", 160, 3, "UCS-2"),
    "70 你": ("你" * 70, 70, 1, "UCS-2"),
    "71 你": ("你" * 71, 71, 2, "UCS-2"),
    "134 你": ("你" * 134, 134, 2, "UCS-2"),
    "135 你": ("你" * 135, 135, 3, "UCS-2"),
    "35 emoji": ("😀" * 35, 70, 1, "UCS-2"),
    "36 emoji": ("😀" * 36, 72, 2, "UCS-2"),
    "66 你, an emoji, 10 你": ("你" * 66 + "😀" + "你" * 10, 78, 2, "UCS-2"),
    # Pairs are not split: the plain division says 2 for each of these.
    "an emoji at the border": ("你" * 66 + "😀" + "你" * 66, 134, 3, "UCS-2"),
    "an escape at the border": ("a" * 152 + "€" + "a" * 152, 306, 3, "GSM-7"),
    "empty": ("", 0, 1, "GSM-7"),
    "every extension": ("^{}\\[~]|€\f", 20, 1, "GSM-7"),
    "accents that GSM-7 has": ("èéùìòÇØøÅåÆæßÉÄÖÑÜ§¿äöñüà", 25, 1, "GSM-7"),
    "an accent that it has not": ("ç", 1, 1, "UCS-2"),
    "a back-tick": ("`", 1, 1, "UCS-2"),
    "the escape itself": ("\x1b", 1, 1, "UCS-2"),
    "a lone surrogate": ("\ud83d", 1, 1, "UCS-2"),
    "CJK beyond the first plane": ("𠮷" * 35, 70, 1, "UCS-2"),
    "an emoji of several": ("👍🏽", 4, 1, "UCS-2"),
}


@pytest.mark.parametrize(("text", "units", "parts", "encoding"), REFERENCE.values(), ids=REFERENCE)
def test_reference_values(text: str, units: int, parts: int, encoding: Encoding) -> None:
    size = measure(text)
    assert (size.units, size.parts, size.encoding) == (units, parts, encoding)


def test_what_is_left_is_what_still_fits() -> None:
    assert measure("你" * 60) == Size(1, 60, "UCS-2", 10)
    assert measure("你" * 71) == Size(2, 71, "UCS-2", 63)


@given(st.text(alphabet=st.sampled_from("a€你😀`\n"), max_size=400))
def test_left_and_parts_agree(text: str) -> None:
    size = measure(text)
    filler = "a" if size.encoding == "GSM-7" else "你"
    # A text of one part may grow into the room of a single part, a longer one into that of its last part.
    assert measure(text + filler * size.left).parts == size.parts
    assert measure(text + filler * (size.left + 1)).parts == size.parts + 1
    if size.encoding == "UCS-2":
        assert size.units == len(text.encode("utf-16-le")) // 2
