"""Labelled files are read as their guide says."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.understanding import rows


def written(folder: Path, *lines: str) -> Path:
    path = folder / "rows.tsv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_quotes_stay_and_what_is_acceptable_is_a_set(tmp_path: Path) -> None:
    head = "text\tintent\talso_acceptable\ttier\tsource"
    file = written(tmp_path, head, '他说"好"\tyes\tthanks_ack, no\treal\tx', "", "额度\tquota_query\t\twritten\tx")
    first, second = rows.load(file)
    assert first.text == '他说"好"'
    assert first.accepted == {"yes", "thanks_ack", "no"}
    assert (second.intent, second.tier, second.accepted) == ("quota_query", "written", {"quota_query"})


@pytest.mark.parametrize("intent", ["out_of_scope", "overdue_negotiate"])
def test_the_newer_meanings_are_acceptable_where_they_had_to_hide(tmp_path: Path, intent: str) -> None:
    (row,) = rows.load(written(tmp_path, "text\tintent", f"x\t{intent}"))
    assert row.accepted == {intent} | rows.NEWER | (rows.OURS if intent == "out_of_scope" else set())


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("text,intent", "a,yes"), "columns text and intent"),
        (("text\tintent", "好\tmaybe"), "rows.tsv:2: maybe is no meaning"),
        (("text\tintent\talso_acceptable", "好\tyes\tno,perhaps"), "perhaps is no meaning"),
        (("text\tintent", " \tyes"), "rows.tsv:2: the row has no text"),
    ],
)
def test_a_faulty_file_is_told_with_its_line(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        rows.load(written(tmp_path, *lines))
