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
    assert find_day("31号", NOW) == date(2026, 12, 31), "the next one: November has none"


@mark.parametrize(
    "text",
    [
        "这周还不上", "明天还不了", "下周一之前还不上", "明天没空", "不要上午", "除了周三都行", "三点前不行",
        "i can't pay this week", "tomorrow won't work", "don't call me in the morning", "周三周四都不方便",
    ],
)  # fmt: skip
def test_a_time_that_is_only_ruled_out_is_none(text: str) -> None:
    assert find_when(normalise(text), NOW) is None
    assert find_day(normalise(text), NOW) is None


@mark.parametrize(
    ("text", "day"),
    [
        ("周四不行 周五下午", 20), ("周四不行周五下午", 20), ("明天不行后天吧", 20), ("后天没空改明天", 19),
        ("今天没钱还不上，明天发工资还", 19), ("不能周五还，周六", 21), ("周五不可以的话周六", 21),
        ("not thursday, friday", 20), ("can't do tomorrow, friday", 20), ("tomorrow is no good but friday is ok", 20),
        ("i will not be able to pay on the 19th but the 20th is fine", 20), ("no make it friday", 20),
        # A question offers it, and other things are refused beside a time that is kept.
        ("周四不行吗", 19), ("周四行不行", 19), ("明天有没有空", 19), ("can't you call tomorrow", 19),
        ("别催了周五一定还", 20), ("can't pay until friday", 20), ("最近手头紧，明天还行吗", 19),
    ],
)  # fmt: skip
def test_what_is_ruled_out_leaves_the_rest(text: str, day: int) -> None:
    assert find_day(normalise(text), NOW) == date(2026, 11, day)
    when = find_when(normalise(text), NOW)
    assert when is not None
    assert when.start.date() == date(2026, 11, day)


def test_another_hour_is_on_the_day_of_the_one_that_was_ruled_out() -> None:
    when = find_when(normalise("后天上午没时间 下午可以"), NOW)
    assert when is not None
    assert (when.start.day, when.start.hour) == (20, 14)


@mark.parametrize("text", ["can't talk until 3pm", "not before 3pm", "busy till 3pm", "i'm not available before 3pm"])
def test_until_then_is_from_then_on(text: str) -> None:
    when = find_when(normalise(text), NOW)
    assert when is not None
    assert (when.start.hour, when.end.hour) == (15, 18)


def test_later_is_no_day() -> None:
    assert find_day("晚点还", NOW) is None
    assert find_day(normalise("I'll pay later"), NOW) is None
    assert find_day("晚点三点", NOW) == NOW.date()


def test_days_that_are_counted_in_english() -> None:
    for text in ("in two days", "two days later", "after 2 days", "2 days from now", "within two days"):
        assert find_day(text, NOW) == date(2026, 11, 20), text


def test_of_several_days_the_last_is_kept() -> None:
    """A promise for "this week" is not broken on its first day."""
    assert find_day("这周之内还", NOW) == date(2026, 11, 20)
    assert find_day("下周还", NOW) == date(2026, 11, 27)


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
