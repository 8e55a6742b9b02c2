"""The short way past masking lets no secret through: a Chinese character in front closes it, and nothing changes."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.flows.reading.masking import mask

PIECES = [
    "4111111111111111",
    "41 11-1111.1111 1111",
    "password",
    "passwd",
    "pwd",
    "pswd",
    "PIN",
    "pin code",
    "cvv2",
    "CVN",
]
PIECES += ["pass word", "is", "=", ":", " ", "\n", "-", "1234", "abc123", "x", "11010519491231002X", "SM" + "0a" * 16]


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join).filter(lambda text: len(text) >= 6))
@example("my card 4111 1111 1111 1111 pin 9876")
@example("PASSWORD: hunter2hunter2")
def test_the_short_way_and_the_long_way_agree(text: str) -> None:
    assert mask(f"额 {text}").text == f"额 {mask(text).text}"


@pytest.mark.parametrize(
    "name", ["password", "Passwd", "pass word", "PWD", "pswd", "pin", "PIN number", "cvv", "cvn2", "CVC"]
)
def test_every_latin_name_of_a_secret_is_seen(name: str) -> None:
    assert mask(f"my {name} is 9x8y7z").found
