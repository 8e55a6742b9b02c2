"""The words of the conversation core: where a conversation stands, what happens to it, and what follows.

`take_turn(conversation, event, context) -> Turn` is the whole of it; everything here is frozen data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.flows.floods import Flood
from app.flows.offered import Offered, Replied
from app.flows.reading.meaning import Reading

BOT = "bot"
"""Owner of a conversation that no agent holds. An agent's is `agent:<name>` (law 6)."""

Slots = Mapping[str, str]
Scope = Literal["commercial", "reminders", "gateway"]
"""What a refusal ends: offers · reminders · everything, because the gateway itself blocks the number."""


@dataclass(frozen=True, slots=True)
class Place:
    """A step of a flow. An empty `step` means: not begun, enter at the start. `left_at` is set while interrupted."""

    flow: str
    step: str = ""
    version: int = 1
    slots: Slots = field(default_factory=dict)
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """What the loop guards remember: the last text (a digest), how often in a row, and the weight of texts of late."""

    digest: str = ""
    times: int = 0
    window: datetime | None = None
    answers: int = 0


@dataclass(frozen=True, slots=True)
class Conversation:
    """One per phone number. `place` None is idle; `beneath` are interrupted places, the latest last."""

    phone: str
    language: str = "zh-CN"
    place: Place | None = None
    beneath: tuple[Place, ...] = ()
    tries: int = 0
    owner: str = BOT
    verified_until: datetime | None = None
    silence_at: datetime | None = None
    turn: int = 0
    asked: int = 0
    """The turn whose `Ask` the open lookup waits for."""
    guard: Guard = field(default_factory=Guard)
    flood: Flood = field(default_factory=Flood)


# ---- events -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heard:
    """A customer's text, as it came or masked: what a turn keeps of it is masked. `keyword`: the gateway answers it
    itself (Twilio's STOP family)."""

    text: str
    media: int = 0
    keyword: Literal["stop", "start", "help"] | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The desk or the bank answered `Ask` of turn `token`. A stale token changes nothing."""

    question: str
    token: int
    outcome: str
    facts: Slots = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Silence:
    """`silence_at` has passed without a text."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody claimed the customer's ticket within the promise (A9: 30 seconds)."""


@dataclass(frozen=True, slots=True)
class Claimed:
    agent: str


@dataclass(frozen=True, slots=True)
class Released:
    """An agent hands the conversation back to the bot; `flow` names one to go into, with `slots` filled."""

    flow: str | None = None
    slots: Slots = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Requeued:
    """Whoever held it is gone, or handed it on: it waits for a person again, and the customer hears nothing of it."""

    topic: str = "human"


@dataclass(frozen=True, slots=True)
class ProofWanted:
    """The agent who holds the conversation asks for a one-time code."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The agent has ended the matter: nothing is resumed. `ticket`: ask how it was, about this ticket."""

    ticket: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody other than the customer starts a flow: a programme, an operator, a reminder."""

    flow: str
    slots: Slots = field(default_factory=dict)


Event = Heard | Answered | Silence | Unanswered | Claimed | Released | Requeued | ProofWanted | Closed | Opened


# ---- effects ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """A numbered option as it is offered: `key` is what the customer sends, `name` what the flow moves on."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Say:
    """Words for the customer: a key of `texts/`, the values for its placeholders, and the options it lists.
    `figures`: it tells a figure, and may leave only to a verified number (law 10). `code`: it carries one."""

    key: str
    values: Slots = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    figures: bool = False
    code: bool = False


UNAWAITED = 0
"""The token of an `Ask` that only tells something: nobody waits for its answer."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question that the core cannot answer. `bank.*` goes to the bank later; all others the desk answers at once."""

    question: str
    token: int
    slots: Slots = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Consent:
    """A row for the consent ledger."""

    scope: Scope
    verdict: Literal["refused", "granted"]
    source: str


@dataclass(frozen=True, slots=True)
class Relay:
    """The text is for the agent who holds, or will hold, the conversation."""


@dataclass(frozen=True, slots=True)
class Note:
    """A fact for the trace that no other effect shows: why we stayed silent, what was dropped."""

    what: str


Effect = Say | Ask | Consent | Relay | Note | Replied


@dataclass(frozen=True, slots=True)
class Context:
    """The facts a turn may rest on, gathered before it. `now` is aware, in the bank's zone."""

    now: datetime
    customer: str = ""
    """Surname and title (王先生), empty when the number is bound to nobody."""
    refused: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    """Those refused scopes that the customer never refused by text: the bank's file says so."""
    callback: str = ""
    """Start of the customer's booked callback (ISO), empty when there is none."""
    ticket: str = ""
    """State of the customer's open ticket: "" · "waiting" · "claimed"."""
    refusal_words: frozenset[str] = frozenset()
    last_said: str = ""
    offered: tuple[Offered, ...] = ()
    """Texts that began conversations and may be answered now, the newest first."""
    bank: str = ""
    hotline: str = ""
    caller: str = ""
    """The number that callbacks come from."""
    info_link: str = ""
    """The bank's https page for the annual update of information (A12), empty when it has none."""
    mails: bool = False
    """A guide can be sent as a mail with pictures (A13)."""
    code_digits: int = 0
    """Digits of a one-time code (A11); 0: not known."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one event led to: the conversation afterwards, the effects in order, and why (for the trace)."""

    conversation: Conversation
    effects: tuple[Effect, ...] = ()
    reading: Reading | None = None
    path: tuple[str, ...] = ()
