"""What happened in a city, in numbers."""

from __future__ import annotations

from collections import Counter

from app.city import looks
from app.city.campaigns import told_by
from app.city.laws_of_sends import AMOUNT
from app.city.ledger import Ledger
from app.city.looks import Looks


def counted(ledger: Ledger, seen: Looks) -> dict[str, int]:
    """How often each thing happened, by its name. Texts that answer a programme stand beside those of the scripts."""
    with ledger.lock:
        found = dict(sorted(ledger.counts.items()))
    for act in ledger.acts:
        name = f"agents: {act.what}" + {True: "", False: " refused", None: " unknown"}[act.allowed]
        found[name] = found.get(name, 0) + 1
    figures = sum(bool(one.gateway_id) and AMOUNT.search(one.body) is not None for one in ledger.tries)
    found["messages that told a figure"] = figures
    for state, times in seen.rows("SELECT state, count(*) FROM messages GROUP BY state ORDER BY state"):
        found[f"messages {state}"] = times
    texts = [text for text in ledger.texts.values() if not text.answers]
    return {
        "texts said": len(texts),
        "texts acknowledged": sum(text.acknowledged is not None and not text.forged for text in texts),
        "texts forged": sum(text.forged for text in texts),
        "texts by machines": sum(bool(text.machine) for text in texts),
        **found,
        **_of_programmes(ledger, seen),
    }


def _of_programmes(ledger: Ledger, seen: Looks) -> dict[str, int]:
    left = [told for one in ledger.tries if one.gateway_id and (told := told_by(one.body))]
    return {
        **{f"programmes: {row.what}": row.times for row in seen.rows(looks.OCCASIONS)},
        **{f"programmes: {key} left": times for key, times in Counter(told.key for told, _ in left).items()},
        "programmes: texts that left": len(left),
        "programmes: answers said": sum(bool(text.answers) for text in ledger.texts.values()),
        "programmes: answers kept": len(seen.rows(looks.ANSWERS)),
    }
