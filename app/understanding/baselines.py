"""What a user would have otherwise, on the same rows: three readers that are in use elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz, process

from app.flows.reading.meaning import SURE
from app.flows.reading.normalise import has_han
from app.understanding.score import Reader
from app.understanding.texts import Text, plain_of

# Twilio's default keywords (the whole text, in any case), and the bank commands of domain.md in the same manner.
STOPS = "stop stopall unsubscribe cancel end quit optout revoke td t n r qx 退订 拒收"
TWILIO: dict[str, str] = dict.fromkeys(STOPS.split(), "opt_out")
TWILIO |= dict.fromkeys(("start", "unstop", "yes", "hf", "恢复"), "opt_in")
TWILIO |= dict.fromkeys(("help", "info", "bz", "?", "帮助", "菜单"), "help")
TWILIO |= dict.fromkeys(("ed", "edcx", "bal", "额度", "可用额度"), "quota_query")
TWILIO |= dict.fromkeys(("zd", "zdcx", "ye", "yecx", "账单", "余额", "欠款"), "repayment_amount")
TWILIO |= {"hk": "repayment_how", "还款": "repayment_how", "pay": "repayment_how"}
TWILIO |= {"hd": "callback_request", "回电": "callback_request", "call": "callback_request"}
TWILIO |= {"rg": "human_agent", "人工": "human_agent", "agent": "human_agent"}

# RapidPro splits a text into words and tests each rule in turn for "has any of the words" or a regular expression.
# Chinese has no spaces, so a word there is the string itself. Written as an operator would, one line a meaning.
WORDS: tuple[tuple[str, str], ...] = (
    ("opt_out", r"退订|拒收|别再?发|不要再?发|td|t|stop|unsubscribe"),
    ("opt_in", r"恢复|重新订阅|start|subscribe"),
    ("fraud_suspect", r"骗子|诈骗|真的假的|scam|fraud"),
    ("wrong_person", r"发错|打错|不是本人|不是我|wrong"),
    ("complaint", r"投诉|举报|complaint|complain"),
    ("human_agent", r"人工|客服|agent|human|representative"),
    ("callback_request", r"回电|回个电话|打电话|给我打|call|phone"),
    ("early_repayment", r"提前还|提前结清|early|prepay"),
    ("overdue_negotiate", r"逾期|缓几天|延期|还不上|征信|overdue|late|extension"),
    ("already_paid", r"已经还|已还|还了|paid"),
    ("renew_limit", r"提额|提高额度|恢复额度|increase|raise"),
    ("quota_query", r"额度|limit|credit"),
    ("rate_question", r"利率|利息|手续费|年化|rate|interest|apr|fee"),
    ("repayment_date", r"还款日|什么时候还|几号还|账单日|due"),
    ("repayment_amount", r"还多少|欠多少|账单|owe|balance|bill|amount"),
    ("repayment_how", r"怎么还|还款|扣款|pay|payment"),
    ("status_of_application", r"审核|审批|申请|放款|到账|application|approved"),
    ("close_product", r"注销|关闭|close"),
    ("campaign_interest", r"怎么借|贷款|借钱|开通|活动|优惠|loan|offer|apply"),
    ("code_not_received", r"验证码|code"),
    ("who_are_you", r"你是谁|哪位|who"),
    ("thanks_ack", r"谢谢|好的|知道了|收到|thanks|thank|ok"),
    ("greeting", r"你好|您好|在吗|hi|hello"),
    ("yes", r"是|对|行|可以|yes|yep|sure"),
    ("no", r"不用|不要|没兴趣|no|nope"),
)


def exact_keywords(text: str) -> tuple[str, float]:
    """Twilio's way: the whole text is a keyword, or nothing is understood."""
    return _known(TWILIO.get(text.strip().strip("。.!！").casefold()))


def _rule(words: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b{word}\b" if word.isascii() else word for word in words.split("|")), re.I | re.A)


_RULES = tuple((meaning, _rule(words)) for meaning, words in WORDS)


def whole_words(text: str) -> tuple[str, float]:
    """RapidPro's way: the first rule one of whose words stands in the text."""
    return _known(next((meaning for meaning, words in _RULES if words.search(text)), None))


def fuzzy_against(texts: Sequence[Text], enough: float = 60.0) -> Reader:
    """The meaning of the nearest training text by rapidfuzz; from a ratio of `enough` it is acted on."""
    by_script = {han: [text for text in texts if has_han(text.plain) is han] for han in (True, False)}
    plain = {han: [text.plain for text in known] for han, known in by_script.items()}

    def reader(text: str) -> tuple[str, float]:
        said = plain_of(text)
        han = has_han(said)
        best = process.extractOne(said, plain[han], scorer=fuzz.ratio)
        if best is None:
            return "out_of_scope", 0.0
        _, ratio, at = best
        return by_script[han][at].meaning, (1.0 if ratio >= enough else 0.0) * max(ratio / 100, SURE)

    return reader


def _known(meaning: str | None) -> tuple[str, float]:
    return (meaning, 1.0) if meaning else ("out_of_scope", 0.0)
