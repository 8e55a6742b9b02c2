"""A text that starts a conversation, before it has a customer (B1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.care.menu import Reply
from app.rules.purpose import Purpose

Kind = Literal["care", "festival", "product", "activity", "service"]
"""What caps count: care without an offer · a greeting for a named day · a product offer · an activity · a service text
or reminder, which no cap binds."""


@dataclass(frozen=True, slots=True)
class Model:
    """The five parts of an offer (S1): benefit, scene, trust, time limit, call to action. Joined in this order."""

    benefit: str
    trigger: str = ""
    trust: str = ""
    limit: str = ""
    call: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One language of one version. Words stand in `body`, or for an offer in `model`; without the bank's signature,
    which every text gets, and without the way out, which every commercial text gets by its route.

    `fallbacks`: placeholder -> words where it has no value; one without either keeps the text back. `target`: where
    `{link}` leads, https. `second`: the template that goes out when nobody followed the link. `confirm`: the facts are
    confirmed in the second channel (A13).
    """

    key: str
    language: str
    purpose: Purpose
    kind: Kind
    version: int = 0
    scene: str = ""
    body: str = ""
    model: Model | None = None
    fallbacks: Mapping[str, str] = field(default_factory=dict)
    replies: tuple[Reply, ...] = ()
    target: str = ""
    second: str = ""
    confirm: bool = False

    @property
    def words(self) -> str:
        """The whole text with its placeholders, unsigned."""
        if self.model is None:
            return self.body
        told = (self.model.benefit, self.model.trigger, self.model.trust, self.model.limit, self.model.call)
        return ("" if self.language.startswith("zh") else " ").join(part for part in told if part)
