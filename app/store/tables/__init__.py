"""The tables, by what they are about. Hot tables carry the phone number: it is their shard key."""

from app.store.tables.agents import Agent, Audit, CannedReply, ConsoleEvent, Note, Option, Presence
from app.store.tables.base import Base
from app.store.tables.care import (
    Companion,
    CustomerEvent,
    Link,
    Occasion,
    PlanRun,
    Response,
    SelfCheck,
    SenderNumber,
    TemplateVersion,
    Visit,
)
from app.store.tables.conversation import BankQuestion, Conversation, OneTimeCode, Timer, Trace
from app.store.tables.desk import Call, Callback, Survey, Ticket
from app.store.tables.people import Consent, Customer, PhoneBinding
from app.store.tables.texts import Inbound, Message, Receipt

__all__ = [
    "Agent",
    "Audit",
    "BankQuestion",
    "Base",
    "Call",
    "Callback",
    "CannedReply",
    "Companion",
    "Consent",
    "ConsoleEvent",
    "Conversation",
    "Customer",
    "CustomerEvent",
    "Inbound",
    "Link",
    "Message",
    "Note",
    "Occasion",
    "OneTimeCode",
    "Option",
    "PhoneBinding",
    "PlanRun",
    "Presence",
    "Receipt",
    "Response",
    "SelfCheck",
    "SenderNumber",
    "Survey",
    "TemplateVersion",
    "Ticket",
    "Timer",
    "Trace",
    "Visit",
]
