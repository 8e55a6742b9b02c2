"""What makes a password good enough: length, and not being what everybody tries first.

NIST SP 800-63B-4, 3.1.1: no composition rules, no change on a schedule, a list of common values, room for
sentences.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import Literal

LEAST, MOST = 12, 128
Fault = Literal["short", "long", "name", "common"]

# Of twelve characters and more: shorter ones are refused for their length.
COMMON = frozenset(
    [
        "123456789012",
        "1234567890123",
        "12345678901234",
        "123456789123",
        "1234567891011",
        "111111111111",
        "000000000000",
        "888888888888",
        "666666666666",
        "123123123123",
        "121212121212",
        "112233445566",
        "012345678901",
        "987654321098",
        "987654321000",
        "123456123456",
        "qwertyuiop12",
        "qwertyuiop123",
        "qwertyuiopas",
        "qwertyuiop[]",
        "qwertyuiopasdfghjkl",
        "1qaz2wsx3edc",
        "1qaz2wsx3edc4rfv",
        "zaq12wsxcde3",
        "qazwsxedcrfv",
        "asdfghjkl123",
        "1q2w3e4r5t6y",
        "1q2w3e4r5t6y7u8i",
        "q1w2e3r4t5y6",
        "abcdefghijkl",
        "abcd12345678",
        "abc123456789",
        "a12345678910",
        "aaaaaaaaaaaa",
        "password1234",
        "password12345",
        "password123456",
        "passwordpassword",
        "passw0rd1234",
        "p@ssw0rd1234",
        "administrator",
        "admin1234567",
        "admin123456789",
        "adminadmin123",
        "changeme1234",
        "welcome12345",
        "letmein12345",
        "iloveyou1234",
        "iloveyou5201314",
        "woaini520134",
        "woaini5201314",
        "woaini123456",
        "5201314520131",
        "woaini1314520",
        "520131452013",
        "huifu1234567",
        "huifuhuifuhuifu",
        "woshishui1234",
        "zhongguo1234",
        "beijing20082",
        "shanghai1234",
    ]
)


def plain(password: str) -> str:
    """One spelling for what looks alike: keyboards differ in how they compose characters."""
    return unicodedata.normalize("NFKC", password)


def fault(password: str, name: str) -> Fault | None:
    """Why it cannot be taken, or None. `name` is the person's own."""
    given = plain(password)
    lower = given.casefold()
    if len(given) < LEAST:
        return "short"
    if len(given) > MOST:
        return "long"
    if name and (plain(name).casefold() in lower and len(lower) - len(name) < LEAST // 2):
        return "name"
    if lower in COMMON or len(set(lower)) < 4 or _runs(lower):
        return "common"
    return None


def _runs(text: str) -> bool:
    """abcdefghijkl, 9876543210987: every character a neighbour of the one before."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps <= {1, -9} or steps <= {-1, 9}
