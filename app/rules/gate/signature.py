"""The bank's name stands in front, once, and nobody else's (B6)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.rules.gate.codes import reason
from app.rules.gate.draft import Draft, Reason
from app.rules.gate.form import packed

_CLAIM = re.compile(r"【([^【】\n]{0,40})】")
_AT_THE_ENDS = re.compile(
    r"^\s*(?:【([^【】\n]{0,40})】|\[([^\[\]\n]{2,40})\])|(?:【([^【】\n]{0,40})】|\[([^\[\]\n]{2,40})\])\s*$"
)
_A_NAME = re.compile(r"银行|信用社|农信|公司|集团|金融|支付|贷|借|客服|bank|credit|finance|pay$")


def bare(words: str, signature: str) -> str:
    """`words` without the bank's signature in front: line ends as one, no space at either end."""
    words = words.replace("\r\n", "\n").replace("\r", "\n").strip()
    sign = signature.strip()
    return words[len(sign) :].lstrip() if sign and words.startswith(sign) else words


def reasons(words: str, draft: Draft) -> Iterator[Reason]:
    """In `words` without the signature: another name at either end, a bank's name anywhere in 【】, or ours again."""
    if "【" not in words and "[" not in words:
        return
    ours = packed(draft.signature)
    seen: set[str] = set()
    for pattern in (_AT_THE_ENDS, _CLAIM):
        for match in pattern.finditer(words):
            name = next(group for group in match.groups() if group is not None)
            shown = match[0].strip()
            if shown in seen:
                continue
            seen.add(shown)
            if ours and packed(name) == ours:
                yield reason("signature_double", shown)
            elif (pattern is _AT_THE_ENDS and shown[0] == "【") or _A_NAME.search(name.casefold()):
                yield reason("signature_missing", shown)
