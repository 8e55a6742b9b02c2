"""The content gate (B6): what a text may say. Every text meets it before it is queued, whoever wrote it."""

from app.rules.gate.codes import CODES, Code
from app.rules.gate.draft import Draft, Level, Reason, Verdict
from app.rules.gate.judge import judge

__all__ = ["CODES", "Code", "Draft", "Level", "Reason", "Verdict", "judge"]
