"""The same texts give the same bytes, and the committed model was learnt from the committed texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.understanding import texts as training_texts
from app.understanding.folds import folds_of
from app.understanding.texts import Text
from app.understanding.train import MODEL, train

SMALL = {
    "zh-CN/quota_query": "我还有多少额度 额度怎么没了 还能借多少钱呢 可用额度在哪里看 我的额度是多少啊 最多能借几万",
    "zh-CN/repayment_how": "怎么还款啊 还款卡怎么换 自动扣款没扣成 可以分期还吗 在哪里还钱 能不能让别人代还",
    "zh-CN/rate_question": "利息多少 日利率是几个点 手续费怎么收 年化多少啊 利息怎么这么高 借一万利息多少",
    "en/quota_query": "how much|can i borrow|what's my limit|where did my limit go|available credit|limit is zero",
    "en/repayment_how": "how do i pay|pay in instalments|change my card|autopay failed|where do i pay|my wife pays",
    "en/rate_question": "what's the interest|how high is the rate|any fees|why this apr|interest on 500|rate per day",
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = tmp_path / "training"
    for name, joined in SMALL.items():
        lines = joined.split("|" if "|" in joined else " ")
        path = folder / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# a remark\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_twice_the_same_texts_give_the_same_bytes(small: Path, tmp_path: Path) -> None:
    written = []
    for name in ("one", "other"):
        into = tmp_path / name
        into.mkdir()
        train(small, into)
        written.append([(into / file).read_bytes() for file in ("weights.npz", "weights.json")])
    assert written[0] == written[1]


def test_another_text_gives_another_model(small: Path, tmp_path: Path) -> None:
    first = train(small, tmp_path)
    (small / "en" / "rate_question.txt").write_text("how dear is a loan\nwhat does borrowing cost\n", encoding="utf-8")
    second = train(small, tmp_path)
    assert first["training"] != second["training"]
    assert (first["texts"], second["texts"]) == (36, 32)


def test_the_committed_model_was_learnt_from_the_committed_texts() -> None:
    header = json.loads((MODEL / "weights.json").read_text(encoding="utf-8"))
    assert header["training"] == training_texts.digest(), "the texts have changed: run huifu understand --train"
    assert (MODEL / "weights.npz").stat().st_size < 12_000_000


def test_a_text_under_two_meanings_is_refused(small: Path) -> None:
    (small / "zh-CN" / "yes.txt").write_text("利息多少？\n利息  多少\n", encoding="utf-8")
    with (small / "zh-CN" / "no.txt").open("w", encoding="utf-8") as file:
        file.write("利息多少\n")
    with pytest.raises(ValueError, match="stands in"):
        training_texts.load(small)


def test_a_file_that_is_no_meaning_is_refused(small: Path) -> None:
    (small / "en" / "weather.txt").write_text("is it raining\n", encoding="utf-8")
    with pytest.raises(ValueError, match="weather is no meaning"):
        training_texts.load(small)


def test_near_duplicates_never_stand_on_both_sides() -> None:
    alike = [f"我还有多少额度可以用{tail}" for tail in ("", "啊", "呢", "呀", "吗", "哦", "？", "嘛")]
    other = ["怎么还款", "今天天气不错", "转人工", "利率高", "你们是骗子吧", "帮我注销", "几号扣", "没通过"]
    texts = [Text("zh-CN", "quota_query", text, text) for text in (*alike, *other)]
    folds = folds_of(texts, 4)
    assert len({int(fold) for fold in folds[: len(alike)]}) == 1
    assert len({int(fold) for fold in folds}) == 4
