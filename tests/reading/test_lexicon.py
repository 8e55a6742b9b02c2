"""Free text: our own table, and a floor under the labelled files so that a change of words cannot lose ground."""

from pytest import mark

from app.flows.reading import SURE, read
from tests.reading.tables import HERE, LABELLED, NOTHING_ASKED, rows

MEANINGS = list(rows(HERE / "meanings.tsv"))

# The rows were labelled before these existed; their guide says where they stand now.
NEWER = {"already_paid", "promise_to_pay", "close_product", "who_are_you", "code_not_received", "info_update"}
OLDER = {"out_of_scope", "overdue_negotiate"}


@mark.parametrize("row", MEANINGS, ids=lambda row: row["text"])
def test_meanings(row: dict[str, str]) -> None:
    reading = read(row["text"], NOTHING_ASKED)
    assert reading.meaning in {row["meaning"], *filter(None, row["also_acceptable"].split(","))}, reading
    assert reading.score >= SURE or reading.meaning == "out_of_scope"


@mark.parametrize(
    ("name", "tier", "strict_floor", "lenient_floor"),
    [("utterances_zh.tsv", "written", 0.86, 0.95), ("utterances_zh.tsv", "real", 0.83, 0.90),
     ("utterances_en.tsv", "written", 0.90, 0.96), ("utterances_en.tsv", "real", 0.80, 0.90)],
)  # fmt: skip
def test_the_labelled_files(name: str, tier: str, strict_floor: float, lenient_floor: float) -> None:
    strict, lenient = scores(name, tier)
    print(f"{name} {tier}: strict {strict:.3f}, lenient {lenient:.3f}")
    assert strict >= strict_floor
    assert lenient >= lenient_floor


def scores(name: str, tier: str) -> tuple[float, float]:
    asked = [row for row in rows(LABELLED / name) if row["tier"] == tier]
    strict = lenient = 0
    for row in asked:
        heard = read(row["text"], NOTHING_ASKED).meaning
        allowed = {row["intent"], *row["also_acceptable"].split(",")}
        strict += heard == row["intent"]
        lenient += heard in allowed or (heard in NEWER and bool(allowed & OLDER))
    return strict / len(asked), lenient / len(asked)


@mark.parametrize("text", ["今天天气不错适合出去走走", "asdkjh qwe", "香蕉苹果西瓜", "the quick brown fox"])
def test_it_says_that_it_did_not_understand(text: str) -> None:
    reading = read(text, NOTHING_ASKED)
    assert reading.meaning == "out_of_scope"
    assert reading.also == ()


def test_what_it_did_not_understand_may_have_been_about() -> None:
    reading = read("我那个额度利息还款", NOTHING_ASKED)
    assert reading.score < SURE
    assert "quota_query" in reading.likely
    assert len(reading.likely) <= 3


def test_two_requests_in_one_text() -> None:
    reading = read("额度多少 顺便给我回个电话", NOTHING_ASKED)
    assert reading.meaning == "quota_query"
    assert [other.meaning for other in reading.also] == ["callback_request"]
    reading = read("what's my limit and please call me back", NOTHING_ASKED)
    assert reading.meaning == "quota_query"
    assert [other.meaning for other in reading.also] == ["callback_request"]
