"""What each character says, and when: a script from the seed alone, whatever the service answers."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

CODE = "{code}"
"""Stands for the last one-time code that the customer received, or a guess when there is none."""
SAID = "{said}"
"""Stands for our last text to the customer."""
OFFER = "{offer}"
"""No text of the customer's: the bank advertises to them at this moment."""

WISHES = ("怎么还款", "我还有多少额度", "额度", "这个月要还多少", "菜单", "明天下午给我打电话", "提前还款", "转人工")
FIGURES = ("我还有多少额度", "额度", "这个月要还多少")
"""What is told only to who returns a code."""
DIGITS = ("1", "2", "3", "0", "9")
MUMBLING = (
    "？？？",
    "在吗",
    "①",
    "１",
    "嗯嗯好的那个我想问一下",
    "😀",
    "还款 额度 人工",
    "好",
    "不是这个",
    "ＣＣ额度＃１２３４",
    "é" * 200,
)
MACHINES = (
    "您好，我正在开车，稍后联系您。【自动回复】",
    "【自动回复】您的短信已收到，我会尽快处理",
    "I'm driving right now and will get back to you later.",
)
MISCHIEF = (
    "' OR 1=1 --",
    "000000",
    "123456",
    "给我别人的额度",
    "<script>alert(1)</script>",
    "9" * 1500,
    "额度#0001",
    "{code}{code}",
)


@dataclass(frozen=True, slots=True)
class Line:
    """`wait`: seconds of the city before it is said. `phone`: which of theirs. `forged`: signed by a stranger.
    `reacts`: a machine says it, at once when a text of ours comes, and else after `wait`. `media`: how many pictures.
    `secret`: what in the body must be kept nowhere."""

    body: str
    wait: float
    phone: int = 0
    forged: bool = False
    reacts: bool = False
    media: int = 0
    secret: str = ""


def script(seed: int, number: int, character: str, texts: int) -> list[Line]:
    """So many texts of one customer, offers between them not counted."""
    chance = random.Random(f"{seed}:customer:{number}")
    lines: list[Line] = []
    endless = _SAYS[character](chance)
    while sum(line.body != OFFER for line in lines) < texts:
        lines.extend(islice(endless, 1))
    return lines


def _plain(chance: random.Random) -> Iterator[Line]:
    while True:
        wish = chance.choice(WISHES)
        yield Line(wish, chance.uniform(5, 60))
        if wish in FIGURES:
            yield Line(CODE, chance.uniform(5, 40))
        if chance.random() < 0.2:
            yield Line(OFFER, 1)
        for _ in range(chance.randrange(3)):
            yield Line(chance.choice((CODE, CODE, *DIGITS)), chance.uniform(5, 40))


def _impatient(chance: random.Random) -> Iterator[Line]:
    while True:
        wish = chance.choice(WISHES)
        for _ in range(chance.randint(2, 4)):
            yield Line(
                wish if chance.random() < 0.6 else chance.choice((*WISHES, *DIGITS, CODE)), chance.choice((0, 1))
            )
        yield Line(CODE, chance.uniform(5, 30))


def _slow(chance: random.Random) -> Iterator[Line]:
    while True:
        yield Line(chance.choice(("额度", "这个月要还多少")), chance.uniform(5, 60))
        yield Line(CODE, chance.uniform(290, 400) if chance.random() < 0.3 else chance.uniform(20, 60))
        # A code lives for 300 seconds, a proof for 600.
        yield Line("额度", chance.uniform(580, 700) if chance.random() < 0.2 else chance.uniform(20, 60))


def _confused(chance: random.Random) -> Iterator[Line]:
    while True:
        yield Line(chance.choice((*MUMBLING, *WISHES, *DIGITS, CODE)), chance.uniform(2, 60))


def _opted_out(chance: random.Random) -> Iterator[Line]:
    while True:
        yield Line(OFFER, chance.uniform(0, 10))
        yield Line(chance.choice(("TD", "TD", "td", "退订", "STOP")), chance.uniform(0, 10))
        for _ in range(chance.randint(1, 3)):
            yield Line(OFFER, chance.uniform(0, 20))
        yield Line(chance.choice(WISHES), chance.uniform(5, 40))
        if chance.random() < 0.6:
            yield Line("START", chance.uniform(5, 30))
            yield Line("HF", chance.uniform(5, 30))
            yield Line(OFFER, chance.uniform(0, 20))


def _two_phones(chance: random.Random) -> Iterator[Line]:
    while True:
        asked, answered = chance.randrange(2), chance.randrange(2)
        yield Line("额度", chance.uniform(5, 30), asked)
        yield Line(CODE, chance.uniform(5, 30), answered)
        yield Line("额度", chance.uniform(1, 20), 1 - asked)


def _auto_responder(chance: random.Random) -> Iterator[Line]:
    while True:
        # Somebody who is asked something, and then drives off: from here on the phone answers whatever comes.
        yield Line(chance.choice(WISHES), chance.uniform(1, 20))
        for _ in range(chance.randint(3, 12)):
            yield Line(chance.choice(MACHINES), 60, reacts=True)


def _echo(chance: random.Random) -> Iterator[Line]:
    """A number whose texts are forwarded to us again, as by a faulty router."""
    while True:
        yield Line(chance.choice(WISHES), chance.uniform(1, 20))
        for _ in range(chance.randint(3, 12)):
            yield Line(SAID, 60, reacts=True)


def _careless(chance: random.Random) -> Iterator[Line]:
    """Sends what nobody should: card numbers, passwords, another bank's code, pictures."""
    while True:
        card = _card(chance)
        kind = chance.choice(("card", "password", "picture", "code"))
        if kind == "card":
            yield Line(chance.choice(("我的卡号是{}", "{}", "卡号 {} 额度多少")).format(card), 20, secret=card)
        elif kind == "password":
            secret = f"Zq{chance.randrange(10**6):06d}k"
            yield Line(f"密码是{secret}", chance.uniform(5, 30), secret=secret)
        elif kind == "picture":
            yield Line(chance.choice(("", "这是我的截图")), chance.uniform(5, 30), media=chance.randint(1, 3))
        else:
            yield Line(f"【别的银行】您的验证码是{chance.randrange(10**6):06d}，请勿告诉他人", chance.uniform(5, 30))
        yield Line(chance.choice(WISHES), chance.uniform(5, 40))
        yield Line(CODE, chance.uniform(5, 40))


def _stranger(chance: random.Random) -> Iterator[Line]:
    """Has the number of somebody who was a customer."""
    while True:
        yield Line(OFFER, chance.uniform(0, 10))
        yield Line(chance.choice(("我不是王建国，你们发错了", "打错了", "你是谁", "who is this?", "不认识")), 20)
        yield Line(chance.choice((*DIGITS, "别再发了", "退订")), chance.uniform(5, 40))


def _angry(chance: random.Random) -> Iterator[Line]:
    while True:
        yield Line(chance.choice(("投诉", "我要投诉你们", "转人工", "人工！！！", "什么破银行")), chance.uniform(1, 20))
        for _ in range(chance.randint(1, 4)):
            yield Line(chance.choice(("人呢", "快点", "转人工", "没有人吗", *DIGITS)), chance.uniform(0, 15))
        yield Line(chance.choice(("算了", "谢谢", *WISHES)), chance.uniform(10, 60))


def _card(chance: random.Random) -> str:
    """Sixteen digits that pass the check which every card number passes (ISO/IEC 7812-1, annex B)."""
    digits = [6, 2, 2, 2, *(chance.randrange(10) for _ in range(11))]
    doubled = [digit if place % 2 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(digits)]
    return "".join(map(str, [*digits, -sum(doubled) % 10]))


def _attacker(chance: random.Random) -> Iterator[Line]:
    while True:
        yield Line(chance.choice((*MISCHIEF, "额度", f"{chance.randrange(10**6):06d}")), chance.uniform(0, 20))
        yield Line(chance.choice(WISHES), chance.uniform(0, 5), forged=True)


_SAYS: dict[str, Callable[[random.Random], Iterator[Line]]] = {
    "plain": _plain,
    "impatient": _impatient,
    "slow": _slow,
    "confused": _confused,
    "opted-out": _opted_out,
    "two phones": _two_phones,
    "auto-responder": _auto_responder,
    "attacker": _attacker,
    "careless": _careless,
    "angry": _angry,
    "stranger": _stranger,
    "echo": _echo,
}
