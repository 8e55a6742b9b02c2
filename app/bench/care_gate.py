"""How many texts the gate judges in a second, on one core."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count, islice
from time import process_time

from app.bench.care_fill import PROGRAMMES
from app.care.library import shipped
from app.care.person import Person
from app.care.programmes import shipped as programmes
from app.care.render import MissingValue, render, values_of
from app.care.routes import ROUTES
from app.flows.reading.masking import secrets_in
from app.gateways.parts import measure
from app.handlers.care.links import LENGTH, LETTERS
from app.handlers.care.words import ended
from app.rules.gate import Draft, judge
from app.rules.gate.judge import forget
from app.rules.titles import ENGLISH

BANK, HOTLINE, DOMAIN = "示例银行", "95500", "bank.example.com"
FREQUENT = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊"
    "秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
"""A hundred surnames, the most frequent first: here nine of eleven customers have one."""
CHUNK = 5_000
TITLES = tuple(ENGLISH)


@dataclass(frozen=True, slots=True)
class Pace:
    """Texts a second of processor time. `campaign`: of twelve programmes, each text another customer's; `unseen`: of
    the whole library, each as if such words had never been judged."""

    campaign: float
    unseen: float


def pace(seconds: float) -> Pace:
    """Measures each of the two for so long."""
    forget()
    campaign = _texts_per_second(seconds, lambda turn: list(islice(campaign_of(turn), CHUNK)), lambda: None)
    library = list(drafts())
    return Pace(campaign, _texts_per_second(seconds, lambda _: library, forget))


def _texts_per_second(seconds: float, texts: Callable[[int], list[Draft]], between: Callable[[], None]) -> float:
    judged, spent = 0, 0.0
    while spent < seconds:
        chunk = texts(judged)
        began = process_time()
        for text in chunk:
            between()
            judge(text)
        spent += process_time() - began
        judged += len(chunk)
    return judged / spent


def campaign_of(seed: int) -> Iterator[Draft]:
    """A text of one of the twelve programmes for one customer after the other without end, one in ten English."""
    chance = random.Random(seed)
    texts = [programme.template for key, programme in programmes().items() if key in PROGRAMMES]
    rare = [chr(code) for code in range(0x6C40, 0x6C40 + 2 * len(FREQUENT))]
    weights = [1 / (rank + 2) for rank in range(len(FREQUENT) + len(rare))]
    for number in count():
        surname = chance.choices((*FREQUENT, *rare), weights)[0]
        key, language = chance.choice(texts), "en" if chance.random() < 0.1 else "zh-CN"
        yield from _drafts(key, language, _person(number % 100_000_000, surname, language, chance.choice(TITLES)))


def drafts() -> Iterator[Draft]:
    """Every text of the library for some customers."""
    for number, surname in enumerate(FREQUENT[:20]):
        for key, language in sorted(shipped()):
            yield from _drafts(key, language, _person(number, surname, language, TITLES[0]))


def _drafts(key: str, language: str, person: Person) -> Iterator[Draft]:
    """The text as it would leave with the simulator; none when a value is missing."""
    template = shipped()[key, language]
    link = f"https://{DOMAIN}/r/{_code(f'{key} {language} {person.customer_id}')}"
    given = {"amount": "5360.00", "branch": "人民路支行", "day": "2026-11-30"}
    values = values_of(person, given, bank=BANK, hotline=HOTLINE, link=link, language=language)
    try:
        words = render(template, values)
    except MissingValue:
        return
    way_out = ROUTES["simulator"].leaves_with(template.purpose, language)
    yield Draft(
        words=ended(words, way_out, language),
        language=language,
        purpose=template.purpose,
        count_parts=_parts,
        signature=f"【{BANK}】" if language.startswith("zh") else "[Example Bank] ",
        domains=frozenset({DOMAIN}),
        hotline=HOTLINE,
        phones=frozenset({person.manager_phone}),
        names=frozenset({person.name, person.manager_name}),
        secrets_in=secrets_in,
    )


def _parts(body: str) -> int:
    return measure(body).parts


def _code(subject: str) -> str:
    """As unlike another as the code of a short link, from the same letters."""
    digest = hashlib.sha256(subject.encode()).digest()
    return "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:LENGTH])


def _person(number: int, surname: str, language: str, title: str) -> Person:
    return Person(
        customer_id=f"C{number:08}",
        phone=f"+86138{number:08}",
        name=f"{surname}建国",
        title=title,
        language=language,
        card_last4=f"{number % 10_000:04}",
        credit_limit=Decimal(50_000 + number),
        limit_expires_on=date(2027, 3, 31),
        due_on=date(2026, 12, 1 + number % 28),
        manager_name="李雷",
        manager_phone="02155550000",
    )
