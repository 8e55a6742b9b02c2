"""What `/api/v1/events` is told, for the document. The reader is `handlers/care/events.py`, which checks events one by
one, so that a bad one does not keep the good ones out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, ConfigDict, Discriminator, Field, WithJsonSchema, create_model

from app.care.event_kinds import EventKind, kinds
from app.handlers.care.events import KEY
from app.web.api.events import MOST


class _Said(BaseModel):
    """What every event has."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(
        pattern=f"^{KEY}$",
        description="The sender's own id of the event, of all its events and for ever: the same one twice is one "
        "event. Needed unless there is a header Idempotency-Key.",
    )
    customer_id: str = Field(min_length=1, max_length=64, description="As in customers.csv: without spaces.")


def _event(kind: EventKind) -> type[BaseModel]:
    detail = {
        "type": "object",
        "properties": {field: dict(form.schema) for field, form in kind.detail.items()},
        "additionalProperties": False,
    }
    name = "".join(part.title() for part in kind.key.split("_"))
    said: Any = {
        "kind": (Literal[kind.key], ...),
        "at": (datetime, Field(description="RFC 3339, with its zone; not older than 400 days.")),
        "detail": (Annotated[dict[str, Any], WithJsonSchema(detail)], Field(default_factory=dict)),
    }
    return create_model(name, __base__=_Said, __doc__=f"{kind.title['en']}: {kind.title['zh-CN']}.", **said)


Event: Any = Annotated[Union[tuple(_event(kind) for kind in kinds().values())], Discriminator("kind")]  # noqa: UP007


class Events(BaseModel):
    """Up to 1,000 events. The good ones are kept, whatever the others are."""

    model_config = ConfigDict(extra="forbid")

    events: list[Event] = Field(min_length=1, max_length=MOST)
