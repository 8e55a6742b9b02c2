"""The words of self-checks in the reader's language."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

TITLES = {
    "opt_out": _l("Refusals take effect: every spelling, in every situation"),
    "numbers": _l("The numbers that texts leave from are on file"),
    "sample": _l("Texts that were sent, drawn at random, by today's rules"),
    "links": _l("Links are https, the bank's, and alive"),
    "approvals": _l("What was sent had been approved by a second person"),
}
VERDICTS = {"good": _l("good"), "warnings": _l("with warnings"), "bad": _l("bad")}
PROBLEMS = {
    "not_withdrawn": _l("An offer that waited was not withdrawn by the refusal."),
    "not_kept": _l("The refusal did not reach the consent ledger."),
    "not_confirmed": _l("The refusal was not confirmed, or not once."),
    "answered_again": _l("The same refusal was answered a second time."),
    "offer_left": _l("An offer could leave after the refusal."),
    "turn_failed": _l("The refusal was stored, but its turn failed."),
    "not_on_file": _l("A number that texts leave from is not on file. Add it with: huifu senders add"),
    "file_expired": _l("The registration of a number has expired."),
    "file_expires": _l("The registration of a number expires within 30 days."),
    "file_not_begun": _l("The registration of a number is not valid yet."),
    "file_open_ended": _l("The registration of a number has no date at which it expires."),
    "rules_changed": _l("A text that was sent would be refused under today's rules."),
    "link_not_https": _l("A link does not begin with https://."),
    "link_foreign": _l("A link leads to a domain that is not on the bank's list."),
    "link_dead": _l("A link does not answer as a page."),
    "sent_unapproved": _l("A text was sent by a version of a template that nobody approved."),
    "programme_without_text": _l("A programme that is on has no approved text in a language."),
}


def title(check: str) -> str:
    return str(TITLES.get(check, check))


def verdict(given: str) -> str:
    return str(VERDICTS.get(given, given))


def problem(code: str) -> str:
    return str(PROBLEMS.get(code, code))
