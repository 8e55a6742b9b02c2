"""Refusals: the one meaning that may never be missed and never be invented (domain.md, A4).

The words are in `lexicon/refusals.toml`. A clear refusal scores at least `SURE`; a text that only may be one
scores 0.5, and the engine asks once (rules of sending, 2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from app.flows.reading import rules
from app.flows.reading.meaning import Hearing, Reading, Values, Wanted
from app.flows.reading.normalise import bare, has_han, normalise
from app.flows.reading.remembered import remembered

_FILE = "refusals"
UNSURE = 0.5
PLAIN = 0.95
"""Score of the rules whose words leave no doubt (退订, TD, STOP)."""
_LATIN = re.compile("[a-z]{2}")


@cache
def _words(section: str) -> frozenset[str]:
    return frozenset(rules.table(_FILE)[section])


@cache
def _in_scope(section: str) -> rules.Pattern:
    found = rules.joined(rules.table(_FILE)["scope"][section], rules.table(_FILE)["parts"])
    assert found is not None
    return found


def refusal(text: str, hearing: Hearing) -> Reading | None:
    """The refusal in a normalised text, or None. `values.scope` is "all" when reminders shall end as well."""
    word = bare(text)
    if word in _words("letters"):
        return _letter(word, hearing)
    if word in _words("carrier_words"):
        return None if _offered(word, hearing) else _found(1.0, "word", word, text)
    if word in _words("words"):
        asked = text.endswith("?") and word not in {"退订", "td", "stop", "unsubscribe"}
        return _found(UNSURE if asked else 1.0, "word", word, text)
    scores = _matched(text)
    if not scores:
        return None
    name, score = max(scores.items(), key=lambda item: item[1])
    return _found(score, "refusal", name, text)


def scope_of(text: str) -> Wanted:
    """ "all" when a refusal (or its lifting) names all texts, or reminders; "reminders" when offers are welcome beside
    it; else "commercial"."""
    if _in_scope("unless").search(text) or not _in_scope("all").search(text):
        return "commercial"
    return "reminders" if _keeps_offers(text) else "all"


def _keeps_offers(text: str) -> bool:
    """Whether offers are welcome in so many words, and nothing else in the text may mean them: whatever leaves a doubt
    refuses them too (law 5)."""
    clauses = rules.clauses_of(text)
    others = [clause for clause in clauses if not _in_scope("offers_kept").fullmatch(clause)]
    named = _in_scope("offers_named")
    return len(others) < len(clauses) and not any(map(named.search, others))


def denied(text: str) -> bool:
    """Whether a normalised text says that it refuses nothing ("我不是要退订")."""
    return _pattern_of("denied").search(text) is not None


def asked_about(text: str) -> bool:
    """Whether a normalised text, which is no refusal, asks what refusing does ("退订后还能收到验证码吗")."""
    return _pattern_of("asked").search(text) is not None


@cache
def _pattern_of(section: str) -> rules.Pattern:
    found = rules.joined(rules.table(_FILE)[section]["any"], rules.table(_FILE)["parts"])
    assert found is not None
    return found


@remembered
def _matched(text: str) -> Mapping[str, float]:
    clauses = rules.clauses_of(text)
    scripts = ("", *(("han",) if has_han(text) else ()), *(("latin",) if _LATIN.search(text) else ()))
    held = [rule for rule in rules.rules(_FILE) if rule.script in scripts and rule.holds(text, clauses)]
    replaced = {rule.replaces for rule in held if rule.replaces}
    return {rule.name: rule.score for rule in held if rule.name not in replaced}


def _letter(word: str, hearing: Hearing) -> Reading | None:
    """Rules of sending, 2: the open question wins if it offers the letter; then what we told the customer."""
    if _offered(word, hearing) or hearing.expects in ("code", "last4", "when", "date"):
        return None
    told = {bare(normalise(letter)) for letter in hearing.refusal_words}
    if hearing.expects == "yes_no" and word in {"n", "0", "1"}:
        return None
    if word in told:
        return _found(0.95, "told", word, word)
    if word in _words("letters_that_suggest"):
        return _found(UNSURE, "letter", word, word)
    return None


def _offered(word: str, hearing: Hearing) -> bool:
    return any(word in {bare(normalise(said)) for said in (option.key, *option.words)} for option in hearing.options)


def _found(score: float, kind: str, what: str, text: str) -> Reading:
    return Reading("opt_out", score, (f"{kind}:{what}",), Values(scope=scope_of(text) if score else "commercial"))
