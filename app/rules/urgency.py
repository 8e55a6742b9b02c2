"""How soon a ticket needs a person: the higher the priority, the earlier it is served; of equals, the older one (A9).

Words of despair, complaint and fraud come first (A14: an unanswered complaint goes to the regulator), then a death,
then who cannot pay (A6), then a text that the service failed to handle, then everything else.
"""

from __future__ import annotations

from typing import NamedTuple


class Urgency(NamedTuple):
    priority: int
    why: str


# fmt: off
TOPICS: dict[str, Urgency] = {
    "despair":      Urgency(8, "A life may be in danger."),
    "fraud":        Urgency(8, "Money may be leaving an account at this moment."),
    "complaint":    Urgency(8, "An unanswered complaint goes to the regulator."),
    "bereaved":     Urgency(7, "Who has lost somebody should not have to wait, nor to write twice."),
    "hardship":     Urgency(6, "Who cannot pay and says so is met while they still talk."),
    "locked":       Urgency(5, "Wrong codes: the customer is locked out, or somebody else is trying."),
    "wrong_person": Urgency(5, "Somebody else may be reading a customer's texts."),
    "failed_text":  Urgency(4, "The service could not read it: nobody knows what is in it."),
    "closing":      Urgency(3, "Who is about to leave can still be asked why."),
    "already_paid": Urgency(3, "A paid debt that is still asked for becomes a complaint."),
}
"""By topic; one that is not here has `USUAL`."""
USUAL = 2
GRAVE = frozenset({"despair", "bereaved"})
"""Topics that wait for nobody's skill, whoever is free takes them; and after them nobody is asked how it was."""

MOODS: dict[str, Urgency] = {
    "angry":   Urgency(1, "Waiting makes it worse."),
    "worried": Urgency(0, "The words are shown to the agent; the topic decides."),
    "":        Urgency(0, "Calm, or not known."),
}
"""What is added for the mood."""

FLAG = Urgency(-1, "A flag tells a queue; nobody waits at the other end for an answer.")
"""What is added for the kind `flag`."""
# fmt: on


def priority(kind: str, topic: str, mood: str = "") -> int:
    """The priority of a ticket of `kind` (talk · flag) about `topic`, whose customer is of that mood; 1 to 9.

    A topic or mood that is not in the tables counts as usual: a new flow must not break the desk.
    """
    base = TOPICS[topic].priority if topic in TOPICS else USUAL
    feeling = MOODS[mood].priority if mood in MOODS else 0
    return base + feeling + (FLAG.priority if kind == "flag" else 0)
