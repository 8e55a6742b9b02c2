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


def signed(words: str, signature: str) -> str:
    """`words` as they leave: line ends as one, no space at the ends, the bank's signature in front once."""
    words = words.replace("\r\n", "\n").replace("\r", "\n").strip()
    sign = signature.strip()
    if sign and words.startswith(sign):
        words = words[len(sign) :].lstrip()
    return f"{signature}{words}"


def reasons(words: str, draft: Draft) -> Iterator[Reason]:
    """Another name at either end, a name of a bank anywhere in 【】, or ours a second time."""
    if "【" not in words and "[" not in words:
        return
    ours = packed(draft.signature)
    rest = words.strip()
    if draft.signature.strip() and rest.startswith(draft.signature.strip()):
        rest = rest[len(draft.signature.strip()) :]
    seen: set[str] = set()
    for pattern, always in ((_AT_THE_ENDS, True), (_CLAIM, False)):
        for match in pattern.finditer(rest):
            name = next(group for group in match.groups() if group is not None)
            if match[0].strip() in seen:
                continue
            seen.add(match[0].strip())
            if ours and packed(name) == ours:
                yield reason("signature_double", match[0].strip())
            elif always or _A_NAME.search(name.casefold()):
                yield reason("signature_missing", match[0].strip())
