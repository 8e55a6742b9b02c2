"""The tables, by what they are about. Hot tables carry the phone number: it is their shard key."""

from app.store.tables.base import Base
from app.store.tables.conversation import BankQuestion, Conversation, OneTimeCode, Timer, Trace
from app.store.tables.desk import Callback, Ticket
from app.store.tables.people import Consent, Customer, PhoneBinding
from app.store.tables.texts import Inbound, Message, Receipt

__all__ = [
    "BankQuestion",
    "Base",
    "Callback",
    "Consent",
    "Conversation",
    "Customer",
    "Inbound",
    "Message",
    "OneTimeCode",
    "PhoneBinding",
    "Receipt",
    "Ticket",
    "Timer",
    "Trace",
]
