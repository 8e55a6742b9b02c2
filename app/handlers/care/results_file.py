"""Tables of results as a file: every count, shares from 0 to 1 with the ends of their intervals."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from app.care.phrases import Company
from app.care.tally import NAMES, Counts
from app.care.trial import Share, interval
from app.handlers.audit_exported import BYTE_ORDER_MARK, harmless

SHARES = ("followed", "replied", "chosen", "handed_over", "converted", "refused", "complained", "annoyed", "engaged")
"""Counted of what arrived."""

Lines = list[list[str]]


def counts(name: str, rows: Iterable[tuple[str, str, Counts]]) -> Lines:
    """The header, then a line for each (key, what it is called, its counts). `name`: what the keys are."""
    ends = [f"{share}_{end}" for share in SHARES for end in ("share", "low", "high")]
    lines = [[name, "name", *NAMES, "reached", *ends]]
    for key, said, found in rows:
        shares = [end for share in SHARES for end in _ends(Share(getattr(found, share), found.reached))]
        lines.append([key, said, *(str(getattr(found, one)) for one in NAMES), str(found.reached), *shares])
    return lines


def reasons(rows: Iterable[tuple[str, str, str, int]]) -> Lines:
    """Why texts never left: (programme, what it is called, reason, texts)."""
    told = [[key, said, reason, str(texts)] for key, said, reason, texts in rows]
    return [["programme", "name", "reason", "texts"], *told]


def words(rows: Iterable[Company]) -> Lines:
    sides = [f"{side}_{what}" for side in ("with", "without") for what in ("hits", "texts", "share", "low", "high")]
    lines = [["phrase", "language", "templates", *sides, "difference", "difference_low", "difference_high"]]
    for one in rows:
        shares = [cell for side in (one.having, one.lacking) for cell in (str(side.hits), str(side.of), *_ends(side))]
        apart = [f"{end:.4f}" for end in (one.difference.by, one.difference.low, one.difference.high)]
        lines.append([one.phrase, one.language, str(one.templates), *shares, *apart])
    return lines


def as_csv(lines: Iterable[Sequence[str]]) -> str:
    """UTF-8 with its mark, lines as RFC 4180 has them; no cell is a formula."""
    held = io.StringIO()
    held.write(BYTE_ORDER_MARK)
    csv.writer(held, lineterminator="\r\n").writerows([_harmless(cell) for cell in line] for line in lines)
    return held.getvalue()


def _harmless(cell: str) -> str:
    """A number may be negative; anything else that begins like a formula is none."""
    try:
        float(cell)
    except ValueError:
        return harmless(cell)
    return cell


def _ends(share: Share) -> list[str]:
    return [f"{figure:.4f}" for figure in (share.rate, *interval(share))] if share.of else ["", "", ""]
