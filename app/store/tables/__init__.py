"""The tables, by what they are about. Hot tables carry the phone number: it is their shard key."""

from app.store.tables.agents import Agent, Audit, CannedReply, ConsoleEvent, Note, Option, Presence
from app.store.tables.base import Base
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
    "Consent",
    "ConsoleEvent",
    "Conversation",
    "Customer",
    "Inbound",
    "Message",
    "Note",
    "OneTimeCode",
    "Option",
    "PhoneBinding",
    "Presence",
    "Receipt",
    "Survey",
    "Ticket",
    "Timer",
    "Trace",
]
