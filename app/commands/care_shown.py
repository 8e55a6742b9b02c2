"""What `huifu care` prints: tables for a person, plain data for a script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

import click
from rich.console import Console
from rich.table import Column, Table

from app.care.programmes import shipped
from app.handlers.care.planning import HEARD
from app.handlers.care.preview import Explained, Preview, Sample
from app.handlers.care.switches import State
from app.store.plans import PlanRun

BAR = 40  # characters of the longest bar


def listed(states: Mapping[str, State], runs: Sequence[PlanRun]) -> dict[str, Any]:
    return {
        "programmes": [
            {
                "key": key,
                "title": dict(programme.title),
                "on": states[key].on,
                "stopped": states[key].stopped,
                "by": states[key].by,
                "at": _moment(states[key].at),
                "purpose": programme.purpose,
                "kind": programme.kind,
                "priority": programme.priority,
                "template": programme.template,
            }
            for key, programme in shipped().items()
        ],
        "runs": [ran(run) for run in runs],
    }


def list_tables(states: Mapping[str, State], runs: Sequence[PlanRun], zone: tzinfo) -> None:
    table = _table("programme", "title", "state", "since", "by", "kind", "priority")
    for key, programme in shipped().items():
        state = states[key]
        said = "on" if state.on else f"stopped: {state.stopped}" if state.stopped else "off"
        since = f"{state.at.astimezone(zone):%Y-%m-%d %H:%M}" if state.at else ""
        title = programme.title.get("zh-CN", key)
        table.add_row(key, title, said, since, state.by, programme.kind, str(programme.priority))
    _print(table)
    if runs:
        _print(_runs(runs))


def ran(run: PlanRun) -> dict[str, Any]:
    return {
        "day": run.day.isoformat(),
        "programme": run.scope,
        "state": run.state,
        "customers": run.seen,
        "planned": run.planned,
        "reasons": {key: dict(counted) for key, counted in run.reasons.items()},
        "asked_by": run.asked_by,
        "began_at": _moment(run.began_at),
        "ended_at": _moment(run.ended_at),
    }


def run_table(run: PlanRun) -> None:
    click.echo(f"{run.day}: {run.planned:,} texts are planned for {run.seen:,} customers.")
    if not run.reasons:
        return
    table = _table("programme", "why nothing is planned, and for how many customers")
    for key, counted in run.reasons.items():
        table.add_row(key, _reasons(counted))
    _print(table)


def previewed(found: Preview) -> dict[str, Any]:
    return {
        "day": found.day.isoformat(),
        "customers": found.seen,
        "programmes": {
            key: {
                "on": forecast.on,
                "outcomes": dict(forecast.outcomes.most_common()),
                "samples": {
                    outcome: [_sample(one) for one in samples] for outcome, samples in forecast.samples.items()
                },
                "hours": {hour.isoformat(): number for hour, number in sorted(forecast.hours.items())},
            }
            for key, forecast in found.programmes.items()
        },
    }


def preview_tables(found: Preview) -> None:
    if not found.programmes:
        click.echo("No programme is on; name one with --programme KEY, or see: huifu care list")
        return
    click.echo(f"{found.day}, {found.seen:,} customers. Nothing was written.")
    table = _table("programme", "state", "outcome", "customers", "for example")
    hours: Counter[datetime] = Counter()
    for key, forecast in found.programmes.items():
        hours.update(forecast.hours)
        state = "on" if forecast.on else "off"
        for outcome, number in forecast.outcomes.most_common():
            examples = ", ".join(f"{one.customer_id} (…{one.tail})" for one in forecast.samples[outcome][:3])
            table.add_row(key, state, outcome, f"{number:,}", examples)
            key = state = ""
    _print(table)
    if hours:
        _print(_histogram(hours))


def explained(customer_id: str, day: date, found: Mapping[str, Explained]) -> dict[str, Any]:
    return {
        "customer": customer_id,
        "day": day.isoformat(),
        "programmes": {
            key: {
                "on": one.on,
                "outcome": one.decision.reason or "planned",
                "occasion": one.decision.occasion,
                "template": one.decision.template,
                "variant": one.decision.variant,
                "language": one.decision.language,
                "due_at": _moment(one.decision.due_at),
                "closes_at": _moment(one.decision.closes_at),
            }
            for key, one in found.items()
        },
    }


def explained_table(found: Mapping[str, Explained]) -> None:
    table = _table("programme", "state", "outcome", "occasion", "due, in the customer's zone")
    for key, one in found.items():
        due = f"{one.decision.due_at:%Y-%m-%d %H:%M %Z}" if one.decision.due_at else ""
        state = "on" if one.on else "off"
        table.add_row(key, state, one.decision.reason or "planned", one.decision.occasion, due)
    _print(table)


def _runs(runs: Sequence[PlanRun]) -> Table:
    table = _table("planned day", "programme", "state", "customers", "texts", "asked by")
    for run in runs:
        scope = "after events" if run.scope == HEARD else run.scope or "all that are on"
        table.add_row(f"{run.day}", scope, run.state, f"{run.seen:,}", f"{run.planned:,}", run.asked_by)
    return table


def _histogram(hours: Counter[datetime]) -> Table:
    """Texts by the hour in which they are due, the bank's."""
    table = _table("day", "hour", "texts", "")
    most, day = max(hours.values()), None
    for hour, number in sorted(hours.items()):
        same, day = hour.date() == day, hour.date()
        told = "" if same else f"{day}"
        table.add_row(told, f"{hour:%H}:00", f"{number:,}", "█" * max(1, round(BAR * number / most)))
    return table


def _reasons(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{code} {number:,}" for code, number in Counter(counted).most_common())


def _sample(one: Sample) -> dict[str, Any]:
    return {"customer": one.customer_id, "tail": one.tail, "due_at": _moment(one.due_at)}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _table(*columns: str) -> Table:
    return Table(*(Column(name, overflow="fold") for name in columns), box=None, pad_edge=False)


def _print(table: Table) -> None:
    Console(highlight=False).print(table)
