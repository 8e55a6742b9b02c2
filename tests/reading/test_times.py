from datetime import date, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st
from pytest import mark

from app.flows.reading.normalise import normalise
from app.flows.reading.times import find_day, find_when
from tests.reading.tables import HERE, NOW, rows

EXPRESSIONS = list(rows(HERE / "times.tsv"))


@mark.parametrize("row", EXPRESSIONS, ids=lambda row: row["text"])
def test_windows(row: dict[str, str]) -> None:
    when = find_when(normalise(row["text"]), NOW)
    assert when is not None
    assert (when.start, when.end) == tuple(
        datetime.fromisoformat(row[edge]).replace(tzinfo=NOW.tzinfo) for edge in ("start", "end")
    )
    assert when.exact is (row["exact"] == "y")


@mark.parametrize(
    "text", ["额度多少", "how much can i borrow", "快一点", "有点贵", "你好", "12期", "5360元", "万一", "谢谢"]
)
def test_texts_without_a_time(text: str) -> None:
    assert find_when(normalise(text), NOW) is None


def test_an_hour_that_is_over_means_the_next_one() -> None:
    evening = NOW.replace(hour=16)
    when = find_when("三点", evening)
    assert when is not None
    assert when.start == (evening + timedelta(days=1)).replace(hour=15)


def test_a_day_in_a_longer_text() -> None:
    assert find_day("我25号发工资就还", NOW) == date(2026, 11, 25)
    assert find_day("下个月5号", NOW) == date(2026, 12, 5)
    assert find_day("31号", NOW.replace(month=11)) is None or find_day("31号", NOW) is not None


@example("23:59")
@example("23:59以后")
@given(
    st.text(
        st.sampled_from("今明后天周下一二三四五六七八九十0123456789点半号月日上午到分小时:-前后at pm/"), max_size=24
    )
)
def test_a_window_never_ends_before_it_starts(text: str) -> None:
    when = find_when(normalise(text), NOW)
    assert when is None or when.start < when.end
