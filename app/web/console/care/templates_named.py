"""What placeholders, their types, the parts of an offer, and faults of a template are called on the pages."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.care.checked import Fault
from app.web.console import names
from app.web.console.names import Names

PARTS: Names = {
    "benefit": _("Core benefit"),
    "trigger": _("Scene"),
    "trust": _("Trust"),
    "limit": _("Time limit"),
    "call": _("Call to action"),
}
"""The five-part model of an offer (S1), in the order of the text."""

PLACEHOLDERS: Names = {
    "customer": _("surname and title"),
    "manager": _("the account manager"),
    "manager_phone": _("the manager's number"),
    "bank": _("the bank's name"),
    "hotline": _("the hotline"),
    "link": _("a short link to the address below"),
    "term": _("the solar term"),
    "care": _("a sentence that fits the solar term"),
    "product": _("the product that it is about"),
    "branch": _("the branch that it is about"),
    "gift": _("the gift"),
    "appointment": _("the day of the appointment"),
    "until": _("the last day"),
    "days": _("how many days"),
    "ceiling": _("the highest amount of the offer"),
}

TYPES: Names = {
    "text": _("words"),
    "person": _("a person"),
    "money": _("an amount, 5,360.00"),
    "date": _("a date, 25 Aug"),
    "days": _("days, 3 days"),
    "link": _("a link"),
    "phone": _("a number to call"),
}

STATES: Names = {
    "shipped": _("shipped"),
    "approved": _("approved"),
    "draft": _("waits for approval"),
    "rejected": _("rejected"),
    "retired": _("retired"),
    "replaced": _("replaced"),
}

FAULTS: Names = {
    "changed": _("Purpose and kind of a text stay as they are: another purpose is another text."),
    "command": _("This word leads elsewhere, whatever text it answers. Take a digit."),
    "both": _("The words stand in one field or in the five parts, not in both."),
    "brace": _("A brace stands alone."),
    "empty": _("There are no words."),
    "field": _("There is no such field."),
    "flow": _("There is no such flow."),
    "https": _("A full address that begins with https://."),
    "key": _("2 to 40 small letters, digits and _."),
    "kind": _("There is no such kind."),
    "language": _("There is no such language."),
    "links": _("{link} stands there twice."),
    "long": _("It is longer than any text may be."),
    "model": _("A service text has no five parts."),
    "needless": _("This one always has a value."),
    "nested": _("Only {bank} and {hotline} may stand in the words instead."),
    "personal": _("These are the customer's own figures: no such text tells them. Ask for a reply, such as ZD."),
    "purpose": _("This kind of text has another purpose."),
    "reply": _("A reply is a digit, or a short word that a customer could send."),
    "reserved": _("This word means the same everywhere, such as a refusal or a person. Take a digit."),
    "second": _("The second text follows a link: it is another text, and this one has {link}."),
    "shape": _("That could not be read."),
    "signature": _("It begins with a name in brackets; the bank's is put in front by itself."),
    "target": _("{link} in the words and where it leads belong together: both or neither."),
    "twice": _("It stands in the menu twice."),
    "type": _("This placeholder is of another type."),
    "unanswered": _("The text asks for a reply that is not in its menu."),
    "unknown": _("Nothing fills this placeholder."),
    "untold": _("The text does not tell the customer to send this."),
    "unused": _("This placeholder does not stand in the text."),
    "way_out": _("It tells how to refuse; the route adds that at the end."),
}
"""What is wrong with a draft, by the codes of `app.care.checked`."""


NOT_DONE: Names = {
    "decided": _("Somebody else was faster: it has its verdict."),
    "author": _("You wrote it: somebody else approves it."),
    "older": _("A newer version is approved already."),
    "gate": _("The content gate refuses it for some customers."),
    "standing": _("Somebody else was faster: this version does not leave any more."),
}
"""Why a verdict was not given, by `app.handlers.care.templates.Why`."""


def not_done(why: str) -> str:
    return names.named(NOT_DONE, why)


def fault_said(fault: Fault) -> str:
    """The sentence at a field: in English with the words that were found, as the check itself says it."""
    if fault.code not in FAULTS:
        return fault.says
    where = fault.field.partition(".")[2]
    said = str(FAULTS[fault.code])
    if where and fault.field.startswith(("replies.", "fallbacks.")):
        return gettext("%(which)s: %(said)s", which=where, said=said)
    return said
