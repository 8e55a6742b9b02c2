"""Why a customer does not get a text: every refusal to send has one of these codes (B6), kept with the occasion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Stage = Literal["plan", "leave"]


@dataclass(frozen=True, slots=True)
class Reason:
    """`stage`: who finds it first: the planner, or whoever lets a planned text go. `final`: the occasion is over. Else
    the planner asks again tomorrow, as long as the occasion lasts, and a text that waits for a better moment is judged
    again within its window or the next one. A planned text that is held stays held, whatever the reason: one occasion
    has one row."""

    code: str
    says: str
    stage: Stage = "plan"
    final: bool = False


REASONS: dict[str, Reason] = {
    one.code: one
    for one in (
        Reason("not_due", "Nothing has happened, or it was too long ago."),
        Reason("wrong_audience", "The programme is meant for other customers."),
        Reason("no_number", "No number is bound to the customer."),
        Reason("shared_number", "Several customers share the number: who reads it is not known."),
        Reason("refused", "The customer refuses texts of this kind."),
        Reason("no_consent", "The customer never agreed to offers."),
        Reason("blocked", "The gateway blocks the number."),
        Reason("already_done", "The customer has done what the text invites to."),
        Reason("over_cap", "The customer had as many texts this month as they may get."),
        Reason("outranked", "Another programme's text goes first."),
        Reason("not_today", "Its window opens on another day of the occasion."),
        Reason("no_slot", "No window opens before the occasion ends."),
        Reason("already_planned", "The occasion has its text."),
        Reason("overdue", "The customer is behind with payments: no offers."),
        Reason("language", "The text does not exist in a language that the customer reads."),
        Reason("not_approved", "No version of the template is approved."),
        Reason("failed", "The rules could not be asked about this customer; the log has the error."),
        Reason("missing_value", "A placeholder has no value and no words instead.", "leave", final=True),
        Reason("gate", "The content gate refuses the words.", "leave", final=True),
        Reason("stale", "Its window closed before it could leave.", "leave", final=True),
        Reason("quiet_hours", "It is night where the customer lives.", "leave"),
        Reason("in_talk", "The customer is in a conversation.", "leave"),
        Reason("unbound", "The number is no longer the customer's.", "leave", final=True),
        Reason("stopped", "The programme was switched off, or stopped itself.", "leave", final=True),
        Reason("link_followed", "The first text's link was followed: no second one.", "leave", final=True),
        Reason("answered", "The first text was answered: no second one.", "leave", final=True),
        Reason("first_unsent", "The first text never reached the network: no second one.", "leave", final=True),
        Reason("route", "The route does not carry such a text.", "leave", final=True),
    )
}
