"""The benchmark runs on files of banking77's form. The published files are not part of the repository."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from benchmarks.banking77 import few, load, main, measure

TEXTS = {
    "card_arrival": ["when will my card arrive", "my card has not come", "card still not here", "where is my new card"],
    "exchange_rate": [
        "what exchange rate do you use",
        "is the exchange rate fair",
        "exchange rate today",
        "rates for euros",
    ],
    "lost_phone": ["i lost my phone", "my phone was stolen", "phone is gone, help", "somebody took my phone"],
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name, part in (("train.csv", slice(0, 3)), ("test.csv", slice(3, 4))):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["text", "category"])
            rows.writerows((text, category) for category, texts in TEXTS.items() for text in texts[part])
    return tmp_path


def test_the_figures_of_a_tiny_file(data: Path) -> None:
    found = measure(data)
    assert (found["train"], found["test"], found["categories"]) == (9, 3, 3)
    assert found["full"] == found["ten_a_class"] >= 2 / 3


def test_ten_a_class_come_from_their_own_file_when_it_is_there(data: Path) -> None:
    (data / "train_10.csv").write_text(
        "text,category\nexchange rate,exchange_rate\ncard,card_arrival\nlost,lost_phone\n"
    )
    assert 0.0 <= measure(data)["ten_a_class"] <= 1.0


def test_a_draw_has_as_many_of_each_and_repeats_itself(data: Path) -> None:
    pairs = load(data / "train.csv")
    drawn = few(pairs, 2, seed=1)
    assert drawn == few(pairs, 2, seed=1)
    assert sorted(category for _, category in drawn) == sorted([*TEXTS] * 2)


def test_it_prints_json(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(data), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["test"] == 3


def test_missing_files_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 1
    assert "not part of this repository" in capsys.readouterr().err
