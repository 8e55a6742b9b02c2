"""A week at the desk, played through the real handlers with the clock in hand, up to this moment."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update

from app.handlers import agent_acted, callbacks_called
from app.handlers.customers_file import read
from app.handlers.customers_imported import Ears, import_customers
from app.handlers.demo_agents import add_demo_agents
from app.handlers.demo_customers import demo_customers
from app.handlers.service import Service
from app.store import agents, options, tables
from tests.browser.console import crowd
from tests.browser.console.desk import AGENT, COLLEAGUE, OPERATOR, SUPERVISOR
from tests.clock import Clock
from tests.rig import Rig

KEY = "only for tests"
CROWD = 40
WANG, LI, OUYANG, ZHANG, LIU, CHEN, YANG, HUANG, CARTER = (f"+861540000000{n}" for n in range(1, 10))
ZHENG, SUN = "+8615400000012", "+8615400000013"
FACTOR, NEWCOMER = "小周", "小吴"
"""Agents of whom one has a second factor, and one is new."""
DOUBTER = "+8615400000071"

WAITING: Mapping[str, tuple[int, tuple[str, ...]]] = {
    ZHANG: (205, ("转人工", "这个月实在还不上了，家里有人住院，很着急")),
    CHEN: (74, ("转人工", "车贷结清了，结清证明怎么开？")),
    HUANG: (27, ("怎么还钱", "3", "转人工", "网点周末开门吗？要带什么")),
    CARTER: (21, ("how do I repay", "agent", "The app says my card has expired")),
    OUYANG: (6, ("转人工", "续期申请点了没反应")),
}
"""Who waits at the end: for how many seconds, and after which texts."""


class Play:
    def __init__(self, url: str, now: datetime, zone: ZoneInfo, talks: int) -> None:
        self.zone, self.now, self.talks = zone, now, talks
        self.today = now.astimezone(zone).date()
        self.clock = Clock(self._at(self.today - timedelta(days=6), time(8, 30)))
        self.rig = Rig(url, self.clock, secret_key=KEY, timezone=str(zone))
        self.random = random.Random(20)
        self.talked = 0

    @property
    def service(self) -> Service:
        return self.rig.service

    def _at(self, day: date, moment: time) -> datetime:
        return datetime.combine(day, moment, self.zone)

    def week(self) -> None:
        self._hire()
        self._import()
        for back in range(6, 0, -1):
            day = self.today - timedelta(days=back)
            self._day(day, self._at(day, time(17, 40)))
            self._tidy_up()
        self._day(self.today, self.now - timedelta(minutes=24))
        self._now()

    # ---- who is there ----------------------------------------------------------------------------------------

    def _hire(self) -> None:
        now = self.clock()
        add_demo_agents(self.service.database, now)
        work: dict[str, dict[str, Any]] = {
            AGENT: {"skills": "", "languages": "zh-CN,en", "most_open": 4},
            COLLEAGUE: {"skills": "complaint,hardship,repayment", "languages": "zh-CN", "most_open": 3},
            SUPERVISOR: {"most_open": 4},
        }
        with self.service.database.begin() as connection:
            password = agents.by_name(connection, AGENT).password
            agents.add(connection, FACTOR, "agent", password, now, totp_nonce="factor", totp_since=now)
            agents.add(connection, NEWCOMER, "agent", password, now, skills="quota", languages="zh-CN")
            for name, columns in work.items():
                row = agents.by_name(connection, name)
                until = self.now + timedelta(days=1)
                agents.change(connection, row.id, status="available", alive_until=until, idle_since=now, **columns)
            weekend = [self.today - timedelta(days=back) for back in range(7, -1, -1)]
            days = [(day, ["09:00-18:00"], "值班") for day in weekend if day.weekday() > 4 or day == self.today]
            days.append((self.today + timedelta(days=9), [], "系统升级"))
            told = [{"day": day.isoformat(), "periods": periods, "note": note} for day, periods, note in days]
            options.write(connection, "closures", {"days": told}, OPERATOR, now)

    def _import(self) -> None:
        deaf = Ears(lambda _: None, lambda _: None, lambda _: None)
        for lines in (list(demo_customers(self.today).lines), crowd.crowd(CROWD)):
            found = read(lines)[1]
            import_customers(self.service.database, found, file="demo", clock=self.clock, ears=deaf, trust_numbers=True)

    # ---- a day -----------------------------------------------------------------------------------------------

    def _day(self, day: date, until: datetime) -> None:
        start = self._at(day, time(9, 5))
        step = (until - start) / max(self.talks, 1)
        if day == self.today - timedelta(days=3):
            self._pass_to(start)
            self._talk(crowd.DAILY[0], WANG)
        for number in range(self.talks):
            self._pass_to(start + step * number + timedelta(seconds=self.random.randrange(90)))
            self._talk(crowd.DAILY[self.talked % len(crowd.DAILY)], crowd.phone(self.talked % 30))
            self._alone(crowd.phone(30 + self.talked % 5))
            if number % 4 == 0:
                self._book(crowd.phone(35 + self.talked % 3), "明天下午给我打电话")
            if number == 1:
                self._book(crowd.phone(38), "明天上午十点给我打电话")
            self.talked += 1
        self._pass_to(until)

    def _tidy_up(self) -> None:
        """In the evening the flags of the day have been dealt with."""
        for row in self.rig.rows(tables.Ticket):
            if row.kind == "flag" and row.state == "waiting":
                agent_acted.close(self.service, row.id, COLLEAGUE, "answered")

    def _pass_to(self, moment: datetime) -> None:
        """Time passes, and calls that fall due on the way are made: most are answered."""
        while self._call_due(moment):
            pass
        if moment > self.clock():
            self.clock.set(moment)
            self.rig.pump()

    def _call_due(self, moment: datetime) -> bool:
        booked = [row for row in self.rig.rows(tables.Callback) if row.state == "booked" and not row.agent]
        due = sorted((row.retry_at or row.starts_at, row.id) for row in booked)
        if not due or due[0][0] + timedelta(minutes=4) > moment:
            return False
        self.clock.set(max(due[0][0] + timedelta(minutes=self.random.randrange(1, 4)), self.clock()))
        self.rig.pump()
        drawn = self.random.random()
        if drawn < 0.1:
            self.clock.set(max(self.clock(), due[0][0] + timedelta(minutes=61)))  # nobody called: it is missed
            self.rig.pump()
            return True
        who = self.random.choice((AGENT, COLLEAGUE))
        callbacks_called.start(self.service, due[0][1], who)
        self.clock.advance(minutes=2)
        (callbacks_called.no_answer if drawn > 0.8 else callbacks_called.reached)(self.service, due[0][1], who)
        self.rig.pump()
        return True

    def _talk(self, talk: crowd.Talk, phone: str) -> None:
        ticket = self._ask(phone, talk.asks)
        if not ticket:
            return
        waits = self.random.choice((5, 6, 7, 9, 11, 14, 16, 18, 22, 26, 28, 47))
        self.rig.wait(seconds=waits)
        who = self.random.choice((AGENT, AGENT, COLLEAGUE))
        agent_acted.claim(self.service, ticket, who)
        self._lines(ticket, who, phone, talk.lines)
        self.rig.wait(seconds=30)
        if talk.outcome == "handed_back":
            agent_acted.release(self.service, ticket, who)
        else:
            agent_acted.close(self.service, ticket, who, talk.outcome)
        self.rig.wait(seconds=40)
        if talk.outcome == "answered" and self.random.random() < 0.7:
            self.rig.say(phone, self.random.choice("34555"))

    def _lines(self, ticket: int, who: str, phone: str, lines: tuple[str, ...]) -> None:
        for place, words in enumerate(lines):
            self.rig.wait(seconds=self.random.randrange(12, 40))
            if place % 2:
                self.rig.say(phone, words)
            else:
                agent_acted.reply(self.service, ticket, who, words.format(agent=who))
                self.rig.pump()

    def _ask(self, phone: str, texts: tuple[str, ...], pause: int = 18) -> int:
        """The id of the ticket to which these texts lead; 0 when there is none."""
        for words in texts:
            self.rig.say(phone, words)
            if words is not texts[-1]:
                self.rig.wait(seconds=pause)
        found = [row for row in self.rig.rows(tables.Ticket) if row.phone == phone and row.state == "waiting"]
        return int(found[-1].id) if found and found[-1].kind == "talk" else 0

    def _alone(self, phone: str) -> None:
        for words in self.random.choice(crowd.ALONE):
            self.rig.say(phone, words)
            self.rig.wait(seconds=9)

    def _book(self, phone: str, words: str) -> None:
        self.rig.say(phone, words)
        self.rig.wait(seconds=12)
        self.rig.say(phone, "1")

    # ---- this moment -----------------------------------------------------------------------------------------

    def _now(self) -> None:
        """Open conversations, flags, people who wait, and calls that are due, each as old as it should be."""
        next_hour = self.now.astimezone(self.zone).hour + 1
        acts: list[tuple[int, Callable[[], object]]] = [
            (1400, lambda: self._book(crowd.phone(20), f"今天{next_hour}点给我打电话")),
            (1340, lambda: self._book(crowd.phone(21), "今天下午给我打电话")),
            (1280, lambda: self._book(crowd.phone(22), "今天下午三点给我打电话")),
            (1200, lambda: self.rig.say(crowd.phone(25), "你发错人了，我不姓陈")),
            (1150, lambda: self.rig.say(DOUBTER, "你们是骗子吧，怎么证明是银行")),
            (1000, self._long_talk),
            (520, self._angry_talk),
            (400, self._second_talk),
        ]
        acts += [(age + 50, partial(self._ask, phone, texts, 9)) for phone, (age, texts) in WAITING.items()]
        for seconds, act in sorted(acts, key=lambda one: -one[0]):
            moment = self.now - timedelta(seconds=seconds)
            if moment > self.clock():
                self._pass_to(moment)
            act()
        if self.now > self.clock():
            self._pass_to(self.now)
        self._due_now(crowd.phone(21))

    def _due_now(self, phone: str) -> None:
        """A call that was booked long before is due in this hour."""
        hour = self.now.astimezone(self.zone).replace(minute=0, second=0, microsecond=0)
        booked = (tables.Callback.phone == phone, tables.Callback.state == "booked")
        with self.service.database.begin() as connection:
            moved = update(tables.Callback).where(*booked)
            connection.execute(moved.values(starts_at=hour, ends_at=hour + timedelta(hours=1)))

    def _long_talk(self) -> None:
        """王先生 asks for his quota, passes a code, is stuck in a guide, and talks with 小李."""
        rig, who = self.rig, AGENT
        self._prove(WANG, "额度")
        rig.wait(seconds=25)
        rig.say(WANG, "2")
        rig.wait(seconds=40)
        ticket = self._ask(WANG, ("第二步找不到我要借款", "转人工"), 30)
        rig.wait(seconds=8)
        agent_acted.claim(self.service, ticket, who)
        hello = "王先生您好，我是小李，您写的我都看到了。请看一下手机银行是不是最新版本？"
        self._lines(ticket, who, WANG, (hello, "是最新的"))
        agent_acted.add_note(self.service, ticket, who, "手机银行 8.2 版入口改到“首页>借钱”，已报给产品同事。")
        self._lines(ticket, who, WANG, ("新版入口在首页>借钱，点进去就是我要借款。", "找到了！那我现在还能借多少？"))

    def _prove(self, phone: str, words: str) -> None:
        found = re.search(r"(?<!\d)\d{6}(?!\d)", " ".join(self.rig.say(phone, words)))
        assert found
        self.rig.wait(seconds=20)
        self.rig.say(phone, found[0])

    def _angry_talk(self) -> None:
        ticket = self._ask(YANG, ("我要投诉，上次的问题一直没人管", "转人工"), 9)
        self.rig.wait(seconds=6)
        agent_acted.claim(self.service, ticket, COLLEAGUE)
        self._lines(ticket, COLLEAGUE, YANG, ("杨先生您好，很抱歉打扰到您，我来查是怎么回事。",))

    def _second_talk(self) -> None:
        ticket = self._ask(SUN, ("身份证更新了要重新登记吗", "转人工"), 9)
        self.rig.wait(seconds=7)
        agent_acted.claim(self.service, ticket, AGENT)
        self._lines(ticket, AGENT, SUN, ("孙女士您好，我是小李，请稍等，我看一下。", "好的，要带什么材料？"))
