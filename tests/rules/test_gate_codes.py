"""Every code: a text that triggers it, and one that narrowly does not."""

from __future__ import annotations

from typing import Any

import pytest

from app.rules.gate import CODES, judge
from tests.rules.drafts import FULL_NAME, MANAGER, SIGN, WAY_OUT, codes, draft, verdict

EN = {"language": "en", "signature": "[Example Bank] "}
OFFER: dict[str, Any] = {"purpose": "commercial"}
LONG = "请您登录手机银行查看。" * 30

# fmt: off
TRIGGERS: list[tuple[str, str, dict[str, Any]]] = [
    ("empty", "", {}),
    ("empty", " \n。！", {}),
    ("empty", "\u200b\u200b", {}),
    ("empty", SIGN, {}),
    ("unsendable", "您好\x00", {}),
    ("unsendable", "您好\ud83d", {}),
    ("unsendable", "您好\u202e款还", {}),
    ("unsendable", "您好\uffff", {}),
    ("unsendable", "金额\t日期", {}),
    ("hidden_characters", "您\u200b好", {}),
    ("hidden_characters", "您\ufeff好，请稍等", {}),
    ("placeholder", "尊敬的{name}，您好", {}),
    ("placeholder", "客户经理[姓名]为您服务", {}),
    ("placeholder", "客户经理【姓名】为您服务", {}),
    ("placeholder", "请在XX月还款", {}),
    ("placeholder", "您好，我是____", {}),
    ("placeholder", "验证码 {code}", {}),
    ("secret", "您的卡号6222021234567890128", {}),
    ("secret", "您的新密码是abc123", {}),
    ("asks_secret", "请把您的密码发给我", {}),
    ("asks_secret", "麻烦提供一下卡背面的安全码", {}),
    ("asks_secret", "密码是多少", {}),
    ("asks_secret", "请告诉我验证码", {}),
    ("asks_secret", "把您收到的验证码转给我", {}),
    ("asks_secret", "请回复完整卡号和身份证号", {}),
    ("asks_secret", "别担心，密码发给我就行", {}),
    ("asks_secret", "请不要着急，回复您的密码即可", {}),
    ("asks_secret", "Please send us your password", EN),
    ("asks_secret", "What is your PIN?", EN),
    ("asks_secret", "Reply with the code you received", EN),
    ("asks_secret", "请发一下您的 C V V", {}),
    ("personal_data", "王建国先生，您好", {}),
    ("personal_data", f"您好，{FULL_NAME}", {}),
    ("personal_data", "您好，欧 阳·娜 娜", {}),
    ("personal_data", "请联系13800138000", {}),
    ("personal_data", "请联系138 0013 8000", {}),
    ("personal_data", "请联系+86 138-0013-8000", {}),
    ("personal_data", "call +44 7700 900123", EN),
    ("personal_data", "身份证号110101199003077758已登记", {}),
    ("personal_data", "已发到wang@example.org", {}),
    ("personal_data", "Dear Mr John Smith, we called you", EN),
    ("figures_unverified", "您的可用额度50,000.00元", {}),
    ("figures_unverified", "您的额度是50000", {}),
    ("figures_unverified", "额度：5万", {}),
    ("figures_unverified", "余额还有两千三", {}),
    ("figures_unverified", "本期应还五千三百六十元", {}),
    ("figures_unverified", "还差３００块", {}),
    ("figures_unverified", "还款日是8月25日", {}),
    ("figures_unverified", "请在25号前还款", {}),
    ("figures_unverified", "您的贷款2027-03-31到期", {}),
    ("figures_unverified", "已逾期12天", {}),
    ("figures_unverified", "您的利率是3.85%", {}),
    ("figures_unverified", "You owe $1,200", EN),
    ("figures_unverified", "Your balance is 5300", EN),
    ("figures_unverified", "Your payment is due on 25 Aug", EN),
    ("figures_unverified", "您在我行的50,000元信用额度可激活使用，" + WAY_OUT, OFFER),
    ("forbidden_words", "我们秒批", {}),
    ("forbidden_words", "点击链接领取礼品", OFFER),
    ("forbidden_words", "Guaranteed approval for you", EN),
    ("over_promise", "我们的利率最低", {}),
    ("over_promise", "绝对没问题", {}),
    ("over_promise", "100%能下来", {}),
    ("over_promise", "这款产品免息", {}),
    ("over_promise", "It is interest-free", EN),
    ("discouraged_words", "请立即还款", {"purpose": "reminder"}),
    ("discouraged_words", "马上申请，" + WAY_OUT, OFFER),
    ("discouraged_words", "Last chance to apply", {**EN, **OFFER}),
    ("blame", "这是您自己的问题", {}),
    ("blame", "再不处理就起诉", {}),
    ("blame", "That is your own fault", EN),
    ("exclamations", "您好！！", {}),
    ("exclamations", "您好!?", {}),
    ("link_not_https", "http://bank.example.com/a", {}),
    ("link_not_https", "打开 weixin://dl/pay", {}),
    ("link_not_https", "javascript:alert(1)", {}),
    ("link_bare", "请看bank.example.com", {}),
    ("link_bare", "请看www.bank.example.com/x", {}),
    ("link_bare", "bit.ly/abc", {}),
    ("link_bare", "请看 evil 点 com", {}),
    ("link_bare", "evil dot com", EN),
    ("link_bare", "evil。com", {}),
    ("link_foreign", "https://evil.example.org/a", {}),
    ("link_foreign", "https://bank.example.com.evil.cn/", {}),
    ("link_foreign", "https://notbank.example.com.cn/", {}),
    ("link_disguised", "https://bank.example.com@evil.cn/", {}),
    ("link_disguised", "https://xn--bnk-5cd.example.com/", {}),
    ("link_disguised", "https://bаnk.example.com/", {}),
    ("link_disguised", "https://10.0.0.1/a", {}),
    ("link_disguised", "请打开 10.0.0.1/a", {}),
    ("link_disguised", "https://bank.example.com./a", {}),
    ("link_disguised", "https://bank.example.com:8443/a", {}),
    ("link_disguised", "https:\\\\bank.example.com\\a", {}),
    ("refused", "请按时还款", {"purpose": "reminder", "refused": frozenset({"reminders"})}),
    ("refused", "好的", {"refused": frozenset({"gateway"})}),
    ("offer_refused", "本月申请享8折优惠，" + WAY_OUT, {**OFFER, "refused": frozenset({"commercial"})}),
    ("offer_refused", "推荐您申请新产品", {"refused": frozenset({"commercial"})}),
    ("offer_unmarked", "推荐您申请新产品", {}),
    ("offer_unmarked", "现在有优惠活动", {}),
    ("offer_unmarked", "还款提醒。本月办理享利率优惠", {"purpose": "reminder"}),
    ("offer_unmarked", "We have a special offer for you", EN),
    ("no_refusal_wording", "本月申请享8折优惠，详询95500", OFFER),
    ("no_refusal_wording", "回复TD退订。本月申请享8折优惠，详询95500", OFFER),
    ("no_hotline", "本月申请享8折优惠，回复TD退订", OFFER),
    ("signature_missing", "【招商银行】您好", {}),
    ("signature_missing", "您好[招商银行]", {}),
    ("signature_missing", "请以【工商银行】的通知为准", {}),
    ("signature_double", f"{SIGN}您好{SIGN}", {}),
    ("signature_double", f"您好{SIGN}", {}),
    ("language_mismatch", "Hello, how can I help?", {}),
    ("language_mismatch", "您好", EN),
    ("too_many_parts", LONG, {}),
    ("many_parts", LONG[:260], {"most_parts": 5}),
]

PASSES: list[tuple[str, str, dict[str, Any]]] = [
    ("empty", "1", {}),
    ("unsendable", "您好\r\n请稍等", {}),
    ("unsendable", "好的👍🏻❤️", {}),
    ("hidden_characters", "一家人👨‍👩‍👧", {}),
    ("placeholder", "验证码 {code}", {"purpose": "code"}),
    ("placeholder", "(1/3) 首页>贷款，完成后回复1", {}),
    ("secret", "您尾号0128的卡", {}),
    ("asks_secret", "请不要把密码告诉任何人", {}),
    ("asks_secret", "密码和验证码谁也别告诉", {}),
    ("asks_secret", "我们不会向您索要密码", {}),
    ("asks_secret", "请回复卡号的后四位", {}),
    ("asks_secret", "请告诉我您想修改密码还是重置密码", {}),
    ("asks_secret", "请告诉我验证码", {"code_open": True}),
    ("asks_secret", "请回复验证码 {code}", {"purpose": "code"}),
    ("asks_secret", "我们会给您发一个验证码", {}),
    ("asks_secret", "Never share your PIN with anybody", EN),
    ("asks_secret", "We will send you a code", EN),
    ("personal_data", "王先生，您好", {}),
    ("personal_data", "关于王先生的申请", {}),
    ("personal_data", "我是客户经理李明", {}),
    ("personal_data", f"专属客户经理电话{MANAGER}", {}),
    ("personal_data", "拨打您尾号8000的手机", {}),
    ("personal_data", "来信请发service@bank.example.com", {}),
    ("personal_data", "订单号20260825123456", {}),
    ("personal_data", "Mr Smith, we called you", EN),
    ("figures_unverified", "您的可用额度50,000.00元，还款日8月25日", {"verified": True}),
    ("figures_unverified", "额度以审批结果为准", {}),
    ("figures_unverified", "营业时间9:00-17:00，电话95500", {}),
    ("figures_unverified", "2个工作日内到账", {}),
    ("figures_unverified", "分3步完成，第1步登录", {}),
    ("figures_unverified", "(2/3) 首页>贷款", {}),
    ("figures_unverified", "您2019年开户", {}),
    ("figures_unverified", "手续费每笔2元", {}),
    ("figures_unverified", "回电约在8月25日上午", {}),
    ("figures_unverified", "好的，已记下您8月25日还款", {}),
    ("figures_unverified", "活动有效期至8月25日", {}),
    ("figures_unverified", "最高可借20万元，" + WAY_OUT, OFFER),
    ("figures_unverified", "Opening hours 9:00-17:00 on 25 Aug", EN),
    ("forbidden_words", "这类说秒批的短信是骗局", {}),
    ("forbidden_words", "点击确认后即可", {}),
    ("over_promise", "目前无法免息", {}),
    ("over_promise", "不是免息的", {}),
    ("over_promise", "免息期最长50天", {}),
    ("over_promise", "取绝对值", {}),
    ("over_promise", "我们不能保证通过", {}),
    ("over_promise", "没有办法保证一定通过", {}),
    ("over_promise", "费率1.00%，共2,100%不可能", {}),
    ("over_promise", "We can't promise guaranteed results", EN),
    ("over_promise", "Approval is not guaranteed", EN),
    ("discouraged_words", "我马上为您查", {}),
    ("blame", "这不怪您", {}),
    ("exclamations", "谢谢！", {}),
    ("link_not_https", "https://bank.example.com/a", {}),
    ("link_not_https", "时间:9:00", {}),
    ("link_bare", "好的.请稍等", {}),
    ("link_bare", "Please wait.In a minute we call", EN),
    ("link_bare", "版本2.0.1已更新", {}),
    ("link_foreign", "https://www.bank.example.com/a?b=1#c", {}),
    ("link_disguised", "https://BANK.example.com/a".lower(), {}),
    ("refused", "好的", {"refused": frozenset({"reminders"})}),
    ("offer_refused", "好的，已为您退订", {"refused": frozenset({"commercial"})}),
    ("offer_unmarked", "目前没有优惠活动", {}),
    ("offer_unmarked", "您的专属客户经理会联系您", {}),
    ("offer_unmarked", "Feel free to ask, calls are free of charge", EN),
    ("no_refusal_wording", "本月申请享8折优惠，" + WAY_OUT, OFFER),
    ("no_refusal_wording", "本月申请享8折优惠，详询95500，拒收请回复R", OFFER),
    ("no_refusal_wording", "Rates from 3% this month, call 95500. Reply STOP to opt out", {**EN, **OFFER}),
    ("no_hotline", "本月申请享8折优惠，详询955-00，回复TD退订", OFFER),
    ("signature_missing", "请看【重要】通知", {}),
    ("signature_missing", f"{SIGN}您好", {}),
    ("signature_double", f"{SIGN}您好", {}),
    ("language_mismatch", "ED", {}),
    ("language_mismatch", "请下载App", {}),
    ("too_many_parts", LONG, {"most_parts": 9}),
    ("many_parts", LONG[:150], {"most_parts": 5}),
]
# fmt: on


@pytest.mark.parametrize(("code", "words", "more"), TRIGGERS)
def test_a_code_is_given(code: str, words: str, more: dict[str, Any]) -> None:
    said = verdict(words, **more)
    assert code in {reason.code for reason in said.reasons}, said.reasons
    assert said.allowed == (not said.refusals)


@pytest.mark.parametrize(("code", "words", "more"), PASSES)
def test_a_code_is_not_given(code: str, words: str, more: dict[str, Any]) -> None:
    assert code not in codes(words, **more)


TRIAL = "http://127.0.0.1:8000"


def test_a_trial_on_one_machine_has_links_of_its_own_without_https() -> None:
    words = f"流程 {TRIAL}/r/RX3mWqxqHSp 回复1了解"
    assert codes(words, trial=TRIAL) & {"link_not_https", "link_foreign", "link_disguised", "link_bare"} == set()
    assert "link_not_https" in codes(words)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8001/r/a",
        "http://127.0.0.1:80001/r/a",
        "http://127.0.0.1/r/a",
        "http://127.0.0.1:8000@evil.cn/r/a",
        "http://127.0.0.1:8000.evil.cn/r/a",
        "http://127.0.0.1:8000\\@evil.cn/",
        "http://bank.example.com/a",
        "https://127.0.0.1:8000/r/a",
        "127.0.0.1:8000/r/a",
    ],
)
def test_in_a_trial_every_other_link_is_refused_as_ever(url: str) -> None:
    assert codes(f"请看 {url} 谢谢", trial=TRIAL) & {"link_not_https", "link_disguised", "link_bare"}


def test_every_code_is_tried_from_both_sides() -> None:
    assert {code for code, _, _ in TRIGGERS} == set(CODES)
    assert {code for code, _, _ in PASSES} == set(CODES)


def test_levels_are_those_of_the_table() -> None:
    for _, words, more in TRIGGERS:
        for reason in verdict(words, **more).reasons:
            assert reason.level == CODES[reason.code].level


def test_refusals_come_first_and_each_reason_once() -> None:
    said = verdict("马上！！ 秒批 秒批 http://a.cn http://a.cn", purpose="commercial")
    levels = [reason.level for reason in said.reasons]
    assert levels == sorted(levels)  # "refuse" before "warn"
    assert len(set(said.reasons)) == len(said.reasons)


def test_the_words_are_those_of_the_text() -> None:
    found = verdict("我们的 最 低·利.率 ，真的").refusals
    assert [(one.code, one.words) for one in found] == [("over_promise", "最 低·利.率")]


def test_a_figure_is_reported_once_and_whole() -> None:
    found = verdict("您的可用额度是50,000.00元，还款日8月25日").refusals
    assert [one.words for one in found] == ["可用额度是50,000.00元", "还款日8月25日"]


@pytest.mark.parametrize("words", ["您好", SIGN + "您好", f"  {SIGN} 您好\r\n"])
def test_the_body_is_signed_once(words: str) -> None:
    assert verdict(words).body == SIGN + "您好"


def test_the_parts_are_those_of_the_body() -> None:
    asked: list[str] = []

    def count(body: str) -> int:
        asked.append(body)
        return 2

    assert judge(draft("您好", count_parts=count)).parts == 2
    assert asked == [SIGN + "您好"]


def test_without_a_signature_the_route_signs() -> None:
    assert verdict("您好", signature="").body == "您好"
    assert codes("【示例银行】您好", signature="") == {"signature_missing"}
