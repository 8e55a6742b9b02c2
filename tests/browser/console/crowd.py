"""Who texts in a played week, and what: invented customers, and talks as a desk has them every day."""

from __future__ import annotations

from dataclasses import dataclass

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛"
GIVEN = ("海燕", "志强", "晓东", "丽华", "建军", "雪梅", "立新", "玉兰", "明辉", "春生")
TITLES = ("女士", "先生")


@dataclass(frozen=True, slots=True)
class Talk:
    """`asks`: texts up to the one that wants a person. `lines`: agent and customer in turn, the agent first."""

    asks: tuple[str, ...]
    lines: tuple[str, ...] = ()
    outcome: str = "answered"
    language: str = "zh-CN"


def crowd(count: int) -> list[str]:
    """Lines of a customers' file, header first."""
    header = "phone,customer_id,name,title,language,segment,card_last4,credit_limit,available_limit,amount_due,due_on"
    return [f"{header},opened_on,marketing_consent,consent_source", *(_customer(number) for number in range(count))]


def phone(number: int) -> str:
    return f"+86154000011{number:02}"


def _customer(number: int) -> str:
    name = SURNAMES[number % len(SURNAMES)] + GIVEN[number * 7 % len(GIVEN)]
    limit = 20_000 + 5_000 * (number % 9)
    cells = (phone(number).removeprefix("+86"), f"W{number:03}", name, TITLES[number * 7 % 2], "zh-CN", "employee")
    money = (f"{1000 + 37 * number:04}", f"{limit}.00", f"{limit // 2}.00", f"{860 + 113 * number}.50", "2027-01-15")
    return ",".join((*cells, *money, "2024-03-01", "yes", "app"))


DAILY = (
    Talk(
        ("怎么还钱", "1", "转人工"),
        (
            "您好，我是{agent}。您卡在哪一步了？",
            "点一键还款没有反应",
            "请先把手机银行更新到最新版本，再进入贷款>一键还款。",
            "好了，谢谢",
        ),
    ),
    Talk(("要投诉，一天发好几条短信", "转人工"), ("很抱歉打扰您，我来处理，以后不会这样。", "希望如此")),
    Talk(("这个月工资晚发，能不能晚几天还", "转人工"), ("谢谢您告诉我们，我来看看有什么办法。", "15号发工资")),
    Talk(("额度到期了怎么办", "转人工"), ("续期在手机银行>贷款>我的额度里申请，两三分钟就好。", "知道了")),
    Talk(("人工",), ("您好，我是{agent}，请问有什么可以帮您？",), "no_reply"),
    Talk(
        ("想提前还清", "转人工"),
        ("可以的，在手机银行>贷款>提前还款里提交。", "手续麻烦吗", "不麻烦，三步。"),
        "handed_back",
    ),
    Talk(("怎么查合同", "转人工"), ("合同在手机银行>贷款>我的合同里，可以下载。", "看到了")),
)
ALONE = (("额度",), ("怎么还钱", "1", "1"), ("什么时候还款",), ("你们是谁",), ("帮助",), ("利率多少",))
"""Talks that the bot carries on alone."""
