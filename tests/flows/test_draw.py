"""docs/flows shows the flows as they are, and its drawings name what is in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.flows.catalogue import CATALOGUE
from app.flows.check.published import record
from app.flows.draw import draw, mermaid

DOCS = Path(__file__).resolve().parents[2] / "docs" / "flows"
PAGES = draw(CATALOGUE)


def test_drawing_twice_gives_the_same() -> None:
    assert draw(CATALOGUE) == PAGES


@pytest.mark.parametrize("name", PAGES)
def test_docs_are_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name], "run: huifu flows draw"


def test_no_page_is_left_of_a_flow_that_is_gone() -> None:
    assert {path.name for path in DOCS.glob("*.md")} == set(PAGES)


def test_the_published_record_knows_only_steps_that_still_have_a_place() -> None:
    published = json.loads((DOCS / "published.json").read_text(encoding="utf-8"))
    assert published.keys() <= record(CATALOGUE).keys()


@pytest.mark.parametrize("flow", CATALOGUE.flows.values(), ids=lambda flow: str(flow.name))
def test_every_step_and_every_move_is_drawn(flow) -> None:  # type: ignore[no-untyped-def]
    drawing = mermaid(CATALOGUE, flow)
    for step in flow.steps:
        assert f"    s_{step}" in drawing
    for source, when, to in flow.moves:
        ways = [
            line
            for line in drawing.splitlines()
            if line.startswith(f"    s_{source} -->") and line.endswith(f" s_{to}")
        ]
        assert len(ways) == 1
        assert when in ways[0]


def test_what_the_customer_reads_stands_beside_the_step_chinese_first() -> None:
    page = PAGES["quota.md"]
    row = next(line for line in page.splitlines() if line.startswith("| told |"))
    assert row.index("您的可用额度") < row.index("your available limit")
