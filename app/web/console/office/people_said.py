"""Why something cannot be done to a person, in the language of the page."""

from __future__ import annotations

from flask_babel import gettext as _

from app.handlers.accounts.others import LONGEST_NAME
from app.handlers.people_set import NotAllowed


def why_not(error: NotAllowed) -> str:
    if error.why == "oneself":
        return _("Nobody does this to themselves: ask another supervisor.")
    if error.why == "last":
        return _("Somebody must stay who can see to people.")
    if error.why == "role":
        return _("Operators and auditors are seen to at a terminal: huifu agents.")
    return _("There is no such person.")


def account_fault(taken: bool) -> str:
    if taken:
        return _("Somebody has this name already.")
    return _("A name has 1 to %(n)s characters.", n=LONGEST_NAME)
