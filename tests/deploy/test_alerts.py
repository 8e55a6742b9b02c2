"""The alerts: they can be read, and each asks for something that /metrics tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
from prometheus_client import REGISTRY

from tests.deploy.paper import DEPLOY, document

PROMETHEUS = DEPLOY / "prometheus"
ITS_OWN = {"up"}
"""What Prometheus itself adds for every process that it asks."""


def rules() -> list[dict[str, Any]]:
    return [rule for group in document(PROMETHEUS / "alerts.yaml")["groups"] for rule in group["rules"]]


def selected(node: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """Every metric that an expression asks for, with its labels."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node.name, {one.name: one.value for one in node.matchers.matchers}
    for name in ("lhs", "rhs", "expr", "vs", "vector_selector"):
        if (inner := getattr(node, name, None)) is not None and not isinstance(inner, str):
            yield from selected(inner)
    for argument in getattr(node, "args", None) or ():
        yield from selected(argument)


def told() -> dict[str, set[str]]:
    """Every sample that the service exposes, and the labels it has."""
    import app.web.metrics  # noqa: F401 - registers them

    found: dict[str, set[str]] = {}
    for family in REGISTRY.collect():
        if family.name.startswith("huifu_"):
            labels = {label for sample in family.samples for label in sample.labels}
            labels |= set(getattr(REGISTRY._names_to_collectors.get(family.name), "_labelnames", ()))
            endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
            found |= {family.name + ending: labels for ending in endings}
    return found


def unknown(expression: str) -> list[str]:
    """What an expression asks for and nobody tells."""
    exposed = told()
    asked = list(selected(promql_parser.parse(expression)))
    assert asked, f"{expression} asks for nothing"
    missing = [name for name, _ in asked if name not in exposed and name not in ITS_OWN]
    missing += [
        f"{name}{{{label}}}" for name, labels in asked for label in labels if label not in exposed.get(name, label)
    ]
    return [one for one in missing if not one.endswith("{job}")]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_what_is_told(rule: dict[str, Any]) -> None:
    assert unknown(rule["expr"]) == []
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"] and rule["annotations"]["action"]


def test_a_metric_that_nobody_tells_is_found_wherever_it_stands() -> None:
    assert unknown('max(huifu_waitings{queue="inbox"}) > 0') == ["huifu_waitings"]
    assert unknown("sum by (reason) (rate(huifu_refused_total[5m])) > 0.2") == ["huifu_refused_total"]
    assert unknown("min_over_time(max(huifu_queue)[10m:1m]) > 0 and up == 1") == ["huifu_queue"]
    assert unknown('huifu_waiting{line="inbox"} > 0') == ["huifu_waiting{line}"]


def test_every_queue_that_an_alert_names_is_one() -> None:
    from app.store.counts import WAITING

    queues = {
        labels["queue"]
        for rule in rules()
        for _, labels in selected(promql_parser.parse(rule["expr"]))
        if "queue" in labels
    }
    assert queues and all(f"AS {queue}" in str(WAITING) for queue in queues)


def test_every_outcome_that_an_alert_names_is_one() -> None:
    from typing import get_args

    from app.handlers.text_arrived import Outcome

    asked = [pair for rule in rules() for pair in selected(promql_parser.parse(rule["expr"]))]
    outcomes = {labels["outcome"] for name, labels in asked if name == "huifu_inbound_total" and "outcome" in labels}
    assert outcomes and outcomes <= {*get_args(Outcome), "lost"}


def test_what_to_watch_is_watched() -> None:
    """The table of docs/run-it.md and the alerts speak of the same."""
    page = (DEPLOY.parent / "docs" / "run-it.md").read_text(encoding="utf-8")
    asked = {name for rule in rules() for name, _ in selected(promql_parser.parse(rule["expr"]))} - ITS_OWN
    assert [name for name in sorted(asked) if name not in page] == ["huifu_receipts_total"]
