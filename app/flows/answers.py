"""What a reading means to the step that is open: the word that its table moves on, and the slots it fills."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from app.flows.play import Play
from app.flows.reading.answers import DECLINED, yes_or_no
from app.flows.reading.meaning import SURE, Reading, Values, When
from app.flows.table import Step
from app.flows.vocabulary import Slots


@dataclass(frozen=True, slots=True)
class Given:
    """`when` is a trigger of the step; `page` instead a step of the open guide. `secret` goes into no row."""

    when: str = ""
    slots: Slots = field(default_factory=dict)
    secret: dict[str, str] = field(default_factory=dict)
    page: str = ""


def outcome_of(play: Play, reading: Reading) -> Given | None:
    """None: the text does not answer the open question, or none is open."""
    if play.place is None:
        return None
    step = play.step
    given = _guided(play, reading) if step.kind == "guide" else _asked(step, reading)
    promises = reading.meaning == "promise_to_pay" and reading.score >= SURE  # "我明天还" is a time for the money
    if given is None and reading.values.when and not promises and "when" in play.flow.triggers(step.name):
        given = Given("when", slots_of(reading))  # "周五上午吧" to a list of times: a time answers it as well
    if given is None and reading.meaning in {"yes", "thanks_ack"}:
        given = _the_only_slot(play, reading)
    if given is not None and given.when == "when":
        around = play.place.slots.get("slot1", "").partition("/")[0] or play.context.callback
        given = replace(given, slots={**given.slots, **on_that_day(reading.values.when, around)})
    if given is None and reading.score >= SURE and reading.meaning in play.flow.triggers(step.name):
        given = Given(reading.meaning, slots_of(reading))
    if given is None and reading.score < SURE:
        given = _expected(play, reading)
    if given is not None and given.when and given.when not in play.flow.triggers(step.name):
        return None
    return given


def _expected(play: Play, reading: Reading) -> Given | None:
    """What is too short for a new wish ("what are the fees", "后天下午"), but means what the step waits for."""
    meaning = next((it for it, chance in reading.likely.items() if chance >= SURE), None)
    return Given(meaning, slots_of(reading)) if meaning in play.flow.triggers(play.step.name) else None


def _the_only_slot(play: Play, reading: Reading) -> Given | None:
    """A yes to a list of one time takes it."""
    names = {option.name for option in play.options()}
    agrees = yes_or_no(reading.values.plain)
    if names != {"slot1", "other"} or agrees is None or agrees.meaning != "yes":
        return None
    return Given("slot1", {play.step.fills: "slot1"})


def on_that_day(when: When | None, around: str) -> dict[str, str]:
    """Hours alone ("三点吧") are hours of the day that the talk is about: of the time `around` (ISO). The slots `from`
    and `to`, empty when the customer named a day, or no day but today is in sight."""
    if when is None or when.day_said or not around:
        return {}
    ahead = datetime.fromisoformat(around).astimezone(when.start.tzinfo).date() - when.start.date()
    return {"from": (when.start + ahead).isoformat(), "to": (when.end + ahead).isoformat()} if ahead.days > 0 else {}


def slots_of(reading: Reading) -> dict[str, str]:
    """What a text carries, as slots: `last4`, `from` and `to` (ISO), `exact`, `day`, `amount`, `phone`, `said`."""
    values = reading.values
    found = {
        "last4": values.last4,
        "day": values.day.isoformat() if values.day else None,
        "amount": str(values.amount) if values.amount is not None else None,
        "phone": values.phone,
        "said": values.said,
        **_window(values),
    }
    return {name: value for name, value in found.items() if value}


def _window(values: Values) -> dict[str, str]:
    if values.when is None:
        return {}
    return {
        "from": values.when.start.isoformat(),
        "to": values.when.end.isoformat(),
        "exact": "yes" if values.when.exact else "no",
    }


def _asked(step: Step, reading: Reading) -> Given | None:
    values = reading.values
    if step.reads == "choice" and values.option:
        if step.options_from:
            return Given("chosen", {step.fills or "chosen": values.option})
        return Given(values.option, {step.fills: values.option} if step.fills else {})
    if step.reads == "yes_no" and reading.meaning in {"yes", "no"}:
        return Given(reading.meaning)
    if step.reads == "code" and values.code:
        return Given("digits", secret={"code": values.code})
    if step.reads == "last4" and values.last4:
        return Given("digits", {"last4": values.last4})
    if step.reads == "when" and values.when:
        return Given("when", slots_of(reading))
    if step.reads == "date" and (values.day or values.when):
        day = values.day or (values.when.start.date() if values.when else None)
        return Given("date", {"day": day.isoformat() if day else ""})
    if step.reads == "free" and reading.meaning not in {"empty"}:
        return Given("said", {"said": values.said})
    return None


def _guided(play: Play, reading: Reading) -> Given | None:
    assert play.place is not None
    size = play.catalogue.texts.guide(play.step.guide).size
    n = int(play.place.slots.get("n", "1"))
    chosen = reading.values.option
    if chosen == "next":
        return Given("done") if n >= size else Given(page=str(n + 1))
    if chosen == "back":
        return Given(page=str(max(1, n - 1)))
    if chosen == "again":
        return Given(page=str(n))
    if chosen in {"stuck", "stopped"}:
        return Given(chosen)
    if DECLINED in reading.reasons:
        return Given("stopped")
    return None
