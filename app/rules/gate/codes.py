"""Every reason that the gate can give: its code, whether it stops the text, and one sentence for who wrote it.

Codes are kept with texts and shown in pages: an old one is never given a new meaning.
"""

from __future__ import annotations

from typing import NamedTuple

from app.rules.gate.draft import Level, Reason


class Code(NamedTuple):
    level: Level
    sentence: str


# fmt: off
CODES: dict[str, Code] = {
    "empty":              Code("refuse", "There are no words to send."),
    "unsendable":         Code("refuse", "It holds characters that cannot be shown, or that turn the text around."),
    "hidden_characters":  Code("warn",   "It holds characters that nobody sees; they cost parts."),
    "placeholder":        Code("refuse", "A placeholder was left without its value."),
    "secret":             Code("refuse", "It tells a card number, a password or an identity number."),
    "asks_secret":        Code("refuse", "It asks for a password, a card number, or a code that we did not send."),
    "personal_data":      Code("refuse", "It tells a full name, phone or identity number, or an e-mail address."),
    "figures_unverified": Code("refuse", "It tells an amount, a limit or a due date to a number without proof."),
    "forbidden_words":    Code("refuse", "The bank never uses these words."),
    "over_promise":       Code("refuse", "It promises what the bank cannot promise."),
    "discouraged_words":  Code("warn",   "These words press people, and are answered less."),
    "blame":              Code("warn",   "It blames or threatens the customer."),
    "exclamations":       Code("warn",   "One exclamation mark is enough."),
    "link_not_https":     Code("refuse", "Links begin with https://."),
    "link_bare":          Code("refuse", "An address stands there without https://."),
    "link_foreign":       Code("refuse", "The link leads to a domain that is not on the bank's list."),
    "link_disguised":     Code("refuse", "The link hides where it leads."),
    "refused":            Code("refuse", "The customer refuses this kind of text, or the gateway blocks the number."),
    "offer_refused":      Code("refuse", "It is an offer, and the customer refuses offers."),
    "offer_unmarked":     Code("refuse", "It is an offer by its words, but is to be sent as something else."),
    "no_refusal_wording": Code("refuse", "An offer ends with how to refuse, such as 回复TD退订."),
    "no_hotline":         Code("warn",   "An offer names the hotline."),
    "signature_missing":  Code("refuse", "It carries the name of somebody else where the bank's belongs."),
    "signature_double":   Code("refuse", "The bank's name belongs in front, once."),
    "language_mismatch":  Code("warn",   "The customer writes another language."),
    "too_many_parts":     Code("refuse", "It is longer than a text may be."),
    "many_parts":         Code("warn",   "It takes more than three parts."),
}
# fmt: on


def reason(code: str, words: str = "") -> Reason:
    """The reason of that code, at its level. `words`: what was found, cut to what a page can show."""
    return Reason(code, words if len(words) <= SHOWN else words[: SHOWN - 1] + "…", CODES[code].level)


SHOWN = 80
"""Characters of the found words that a reason repeats."""
