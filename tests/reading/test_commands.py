from pytest import mark

from app.flows.reading import read
from tests.reading.tables import NOTHING_ASKED


@mark.parametrize(
    ("text", "meaning", "last4"),
    [
        ("额度", "quota_query", None),
        ("ＥＤ", "quota_query", None),
        ("#ED", "quota_query", None),
        ("CCED#1234", "quota_query", "1234"),
        ("ＣＣ额度＃００１２", "quota_query", "0012"),
        ("EDCX 1234", "quota_query", "1234"),
        ("XYKKYED#1234#CNY", "quota_query", "1234"),
        ("ZD1234", "repayment_amount", "1234"),
        ("xzd1234202611", "repayment_amount", "1234"),
        ("賬單", "repayment_amount", None),
        ("余额", "repayment_amount", None),
        ("MXCX", "repayment_amount", None),
        ("BAL", "repayment_amount", None),
        ("HK", "repayment_how", None),
        ("PAY", "repayment_how", None),
        ("hd", "callback_request", None),
        ("回电", "callback_request", None),
        ("CALL", "callback_request", None),
        ("RG", "human_agent", None),
        ("AGENT", "human_agent", None),
        ("BZ", "help", None),
        ("？", "help", None),
        ("INFO", "help", None),
        ("HF", "opt_in", None),
        ("恢复", "opt_in", None),
        ("START", "opt_in", None),
        ("UNSTOP", "opt_in", None),
        ("TD", "opt_out", None),
        ("#TD", "opt_out", None),
        ("QX", "opt_out", None),
        ("拒收", "opt_out", None),
    ],
)
def test_commands_of_chinese_banks_and_english_ones(text: str, meaning: str, last4: str | None) -> None:
    reading = read(text, NOTHING_ASKED)
    assert (reading.meaning, reading.score, reading.values.last4) == (meaning, 1.0, last4)


@mark.parametrize("text", ["education", "edward called", "pays de la loire", "hkd 500"])
def test_words_that_only_begin_like_a_command(text: str) -> None:
    assert not any(reason.startswith("command:") for reason in read(text, NOTHING_ASKED).reasons)
