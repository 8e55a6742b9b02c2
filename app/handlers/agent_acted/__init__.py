"""An agent acted. A conversation has one owner, bot or one agent, and the database decides (law 6)."""

from app.handlers.agent_acted.asking import add_note, ask_code, reveal
from app.handlers.agent_acted.claiming import claim, reassign, take_over
from app.handlers.agent_acted.guiding import CannotMail, send_guide
from app.handlers.agent_acted.handing import close, release, transfer
from app.handlers.agent_acted.holding import NotYours, owner
from app.handlers.agent_acted.replying import Refused, judge, reply

__all__ = [
    "CannotMail",
    "NotYours",
    "Refused",
    "add_note",
    "ask_code",
    "claim",
    "close",
    "judge",
    "owner",
    "reassign",
    "release",
    "reply",
    "reveal",
    "send_guide",
    "take_over",
    "transfer",
]
