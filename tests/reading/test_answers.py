from dataclasses import replace
from datetime import date

from pytest import mark

from app.flows.reading import Hearing, Option, read
from app.flows.reading.meaning import Expects
from tests.reading.tables import NOTHING_ASKED, NOW

HOW = (
    Option("app", "1", ("手机银行", "mobile app")),
    Option("autodebit", "2", ("自动扣款", "auto debit")),
    Option("branch", "3", ("网点柜台", "branch")),
    Option("other", "4", ("他人代还", "someone else pays")),
)
GUIDE = (
    Option("next", "1", ("下一步", "next")),
    Option("back", "0", ("返回", "back")),
    Option("stuck", "3", ("卡住了", "I am stuck")),
)
BOOKED = (Option("move", "G", ("改时间",)), Option("cancel", "Q", ("取消",)))


def asked(expects: Expects, options: tuple[Option, ...] = ()) -> Hearing:
    return Hearing(now=NOW, expects=expects, options=options)


@mark.parametrize(
    ("text", "options", "chosen"),
    [
        ("1", HOW, "app"),
        ("２", HOW, "autodebit"),
        ("③", HOW, "branch"),
        ("一", HOW, "app"),
        ("壹", HOW, "app"),
        ("第一个", HOW, "app"),
        ("第二种", HOW, "autodebit"),
        ("选2", HOW, "autodebit"),
        ("我选3吧", HOW, "branch"),
        ("回复4", HOW, "other"),
        ("2 谢谢", HOW, "autodebit"),
        ("#2", HOW, "autodebit"),
        ("number two please", HOW, "autodebit"),
        ("the first one", HOW, "app"),
        ("最后一个", HOW, "other"),
        ("第一个啦", HOW, "app"),
        ("那就2吧", HOW, "autodebit"),
        ("手机银行", HOW, "app"),
        ("手機銀行", HOW, "app"),
        ("用手机银行还", HOW, "app"),
        ("柜台", HOW, "branch"),
        ("自动扣款吧", HOW, "autodebit"),
        ("branch", HOW, "branch"),
        ("mobile app please", HOW, "app"),
        ("1下一步", GUIDE, "next"),
        ("下一步", GUIDE, "next"),
        ("1、下一步", GUIDE, "next"),
        ("卡住了", GUIDE, "stuck"),
        ("返回", GUIDE, "back"),
        ("0", GUIDE, "back"),
        ("g", BOOKED, "move"),
        ("Ｑ", BOOKED, "cancel"),
        ("取消", BOOKED, "cancel"),
        ("我要改时间", BOOKED, "move"),
    ],
)
def test_choices(text: str, options: tuple[Option, ...], chosen: str) -> None:
    reading = read(text, asked("choice", options))
    assert (reading.meaning, reading.values.option) == ("number_choice", chosen)


@mark.parametrize("text", ["手机银行怎么登录", "不要自动扣款", "手机银行还是柜台", "这个月要还多少", "转人工"])
def test_a_text_that_only_mentions_an_option_is_no_choice(text: str) -> None:
    assert read(text, asked("choice", HOW)).values.option is None


def test_a_number_that_is_not_offered() -> None:
    reading = read("7", asked("choice", HOW))
    assert (reading.meaning, reading.values.option, reading.values.number) == ("number_choice", None, 7)


@mark.parametrize(
    "text",
    ["好", "好的", "可以", "嗯", "要", "ok", "行", "是的", "👍", "👍🏻", "yes please", "sure", "對", "OK!", "好，谢谢"],
)
def test_yes(text: str) -> None:
    assert read(text, asked("yes_no")).meaning == "yes"


@mark.parametrize(
    "text", ["不用", "不要", "算了", "no", "不需要，谢谢", "nope", "唔使", "暂时不用", "👎", "no thanks", "N"]
)
def test_no(text: str) -> None:
    assert read(text, asked("yes_no")).meaning == "no"


@mark.parametrize(
    ("text", "code"),
    [
        ("4821", "4821"),
        ("验证码 4821", "4821"),
        ("４８２１", "4821"),
        ("482 913", "482913"),
        ("code is 593820", "593820"),
        ("4821，谢谢", "4821"),
        ("还是4821", "4821"),
        ("发来的是4821", "4821"),
        ("四八二一", "4821"),
        ("验证码是四 八 二 一", "4821"),
        ("肆捌贰幺零玖", "482109"),
        ("four eight two one", "4821"),
    ],
)
def test_codes(text: str, code: str) -> None:
    reading = read(text, asked("code"))
    assert (reading.meaning, reading.values.code) == ("otp_code", code)


def test_our_code_under_another_name_is_no_secret() -> None:
    reading = read("密码4821", asked("code"))
    assert (reading.meaning, reading.values.code, reading.values.said) == ("otp_code", "4821", "密码****")
    assert read("密码4821", NOTHING_ASKED).meaning == "secret_sent"


@mark.parametrize("text", ["收不到验证码", "12", "我欠5360元", "四千八百二十一", "一二三"])
def test_what_is_no_code(text: str) -> None:
    assert read(text, asked("code")).values.code is None


def test_within_words_a_code_has_the_length_of_ours() -> None:
    """A number of that length is always read as one, so that a code never stays in a row (A11)."""
    six = replace(asked("code"), code_digits=6)
    for text in ("两次都是5360", "i paid 5360 twice", "卡号1234的那张"):
        assert read(text, six).values.code is None
        assert read(text, replace(six, code_digits=4)).values.code is not None
    for text in ("扣了482913", "验证码482913", "482913"):
        assert read(text, six).values.code == "482913"
    assert read("4821", six).values.code == "4821", "all that was sent: a wrong code"


@mark.parametrize("text", ["等下", "马上", "我在开车", "稍等一下", "hold on", "one sec", "i'm driving"])
@mark.parametrize("expects", ["code", "last4"])
def test_who_asks_to_wait_wants_nothing_else(text: str, expects: Expects) -> None:
    assert read(text, asked(expects)).reasons == ("asks to wait",)


@mark.parametrize("text", ["还是没有", "没收到啊", "没有", "still nothing", "no code yet"])
def test_nothing_came(text: str) -> None:
    assert read(text, asked("code")).meaning == "code_not_received"


@mark.parametrize(
    "text",
    [
        "我不要提额",
        "说了不要提额",
        "不是退订，就是不要提额",
        "不用查额度了",
        "i dont want a higher limit",
        "I don't need a loan",
    ],
)
def test_what_is_not_wanted_is_no_request(text: str) -> None:
    assert read(text, NOTHING_ASKED).meaning == "no"


@mark.parametrize(
    "text", ["我不想提额，只想查额度", "不要提额，怎么还款", "i don't want a higher limit, what do i owe"]
)
def test_what_is_wanted_instead_is_not_denied_with_it(text: str) -> None:
    assert read(text, NOTHING_ASKED).meaning != "no"


@mark.parametrize(
    ("text", "meaning"), [("🙏🙏", "thanks_ack"), ("❤️", "thanks_ack"), ("❓", "help"), ("😂", "empty"), ("👍", "yes")]
)
def test_pictures_alone(text: str, meaning: str) -> None:
    assert read(text, NOTHING_ASKED).meaning == meaning


def test_a_time_among_polite_words_answers_a_list_of_times() -> None:
    for text in ("ok sunday then", "monday morning", "actually make it thursday morning"):
        assert read(text, asked("choice")).values.when is not None


def test_a_code_without_an_open_question() -> None:
    reading = read("482913", NOTHING_ASKED)
    assert (reading.meaning, reading.values.code) == ("otp_code", "482913")


@mark.parametrize(
    ("text", "tail"),
    [("0012", "0012"), ("尾号0012", "0012"), ("末四位 1234", "1234"), ("ending in 8000", "8000"), ("零零一二", "0012")],
)
def test_card_tails(text: str, tail: str) -> None:
    assert read(text, asked("last4")).values.last4 == tail


def test_a_whole_card_number_is_refused_but_its_tail_is_understood() -> None:
    reading = read("4111111111111111", asked("last4"))
    assert (reading.meaning, reading.values.last4, reading.values.said) == ("secret_sent", "1111", "****1111")


@mark.parametrize(
    ("text", "day"),
    [
        ("25号", date(2026, 11, 25)),
        ("下周一", date(2026, 11, 23)),
        ("明天", date(2026, 11, 19)),
        ("on friday", date(2026, 11, 20)),
        ("月底", date(2026, 11, 30)),
    ],
)
def test_days(text: str, day: date) -> None:
    assert read(text, asked("date")).values.day == day


def test_times() -> None:
    when = read("明天下午三点", asked("when")).values.when
    assert when is not None
    assert (when.start.day, when.start.hour, when.exact) == (19, 15, True)


@mark.parametrize("expects", ["choice", "yes_no", "code", "when", "date", "last4", "free"])
def test_another_question_in_the_middle_is_heard(expects: Expects) -> None:
    assert read("我还有多少额度", asked(expects, HOW if expects == "choice" else ())).meaning == "quota_query"
    assert read("转人工", asked(expects)).meaning == "human_agent"
