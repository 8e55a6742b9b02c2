"""Transcripts: tests of whole conversations that read like chats, replayed through the real handlers.

A file of `tests/transcripts/` begins with what is known, a line each; then comes the talk:

    at: 2026-08-24 10:00                 the bank's clock when the talk begins
    customer: 王建国 先生, available_limit 50000, due_on 2026-09-25
    mail: on                             the bank sends picture guides by e-mail, else it does not
    # A comment: anything behind a number sign, and blank lines, stay as they are.
    > 我还有多少额度                       the customer texts
    < 【示例银行】…验证码 {code} …          what arrives at the handset; a second line of one text stands under it
    > {code}                             the code that was sent last; {wrong} is another one
    * flag: fraud                        what else happened: consents, tickets, callbacks, and which text of a
                                         programme it answers: what it does with it, how sure that is, and why

Several `customer:` lines bind several customers to the one number; without one the number belongs to nobody. Facts are
columns of `customers.csv`, over those of `Rig.customer`, and `-` is an empty one.

In brackets stands what somebody else does:

    (wait 11m)                           time passes: s, m, h or d; what becomes due on the way happens
    (at 2026-08-24 22:30)                time passes until then
    (agent 小李 claims)                    the open talk; then
    (agent 小李: 您好，我是小李)              a reply, and
    (agent 小李 hands back)               or `hands back into guide_draw`
    (agent 小李 asks for a code)
    (agent 小李 hands on to complaint)      a team; the customer waits again
    (agent 小李 closes)                    and the customer is asked how it was
    (agent 小李 calls: no answer)          a due callback; or `reached`, `wrong number`, `moved to 2026-08-25 10:00`
    (bank is down) (bank is up)
    (offer: 新客专享…，拒收请回复R)           a commercial text that was sent to the customer
    (settled, product: 再次申请… | 1 interest 了解 办理 | 2 callback)
                                         a programme's text of that kind, with its menu: key, flow, other words
    (picture)                            a text without words, with a picture
    (the same text again)                the network delivers the last text a second time
    (flow guide_info_update opens)       a programme begins a flow
    (the bank works Wed 14:00-18:00)     the operator sets a weekday: Mon to Sun, several periods with commas, or never
    (the bank closes 2026-08-25)         a date of the bank's own, or
    (the bank opens 2026-08-29 10:00-15:00)
    (the bank says human.closed: 请致电…)  the operator's own words for a text; none are the shipped ones again

Everything that is not the customer's or in brackets is written by the service: `pytest --update` rewrites it. The
conversation is stored and loaded between any two lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.care.menu import Reply
from app.flows.vocabulary import Opened
from app.handlers import callbacks_called, hours_set, options
from app.handlers.agent_acted import ask_code, claim, close, release, reply, transfer
from app.handlers.compose import written
from app.handlers.desk.proofs import derive
from app.handlers.text_arrived import wake
from app.handlers.turns import take
from app.rules.hours import Period, Span, parse_periods
from app.store import codes, conversations, outbox, tables, tickets
from app.store.agents import Agent
from tests.begun import begin
from tests.clock import Clock
from tests.rig import Rig, sqlite_url

PHONE = "+8613800138000"
ZONE = ZoneInfo("Asia/Shanghai")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
OPERATOR = Agent(0, "运营", "operator", frozenset(), frozenset(), 4, "away", "", "auto")
NO_POST = {"smtp_url": "smtp://127.0.0.1:9", "email_from": "service@bank.example.cn"}  # where nobody takes a letter
STEPS = 20  # of a long wait: what falls due on the way happens about when it is due


class BadTranscript(ValueError):
    """A line that nobody understands; the message has it."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """`text`: the file as the service would write it now. `said`: keys of the texts that were sent."""

    text: str
    said: frozenset[str]


def replay(path: Path, folder: Path) -> Replayed:
    """Plays a file through. `folder` takes the database. Raises `BadTranscript`."""
    lines = path.read_text(encoding="utf-8").splitlines()
    talk = Talk(lines, folder)
    try:
        text = "\n".join(talk.written()) + "\n"
        said = {key for row in talk.rig.rows(tables.Message) for key in row.template.split("+")}
        return Replayed(text, frozenset(said))
    finally:
        talk.rig.close()


class Talk:
    def __init__(self, lines: list[str], folder: Path) -> None:
        self.lines = lines
        start = next((line for line in lines if line.startswith("at:")), None)
        if start is None:
            raise BadTranscript("a transcript begins with `at: 2026-08-24 10:00`")
        mail = NO_POST if "mail: on" in lines else {}
        self.rig = Rig(sqlite_url(folder), Clock(_moment(start.removeprefix("at:"))), **mail)
        self.rig.clock.set(_moment(start.removeprefix("at:")))
        self.customers = 0
        self.last_id = ""
        self.seen: dict[Any, dict[int, Any]] = {}

    def written(self) -> Iterator[str]:
        """Every line of the file, with the service's own lines as they come out now."""
        for line in self.lines:
            if line.startswith(("<", "  ", "*")):
                continue  # the service's own: written anew
            yield line
            if line.startswith((">", "(")):
                self._act(line)
                yield from self._outcome()
            elif line.startswith("customer:"):
                self._customer(line.removeprefix("customer:").strip())
            elif line and not line.startswith(("#", "at:", "mail:")):
                raise BadTranscript(f"what is this? {line}")

    # ---- what happens -----------------------------------------------------------------------------------

    def _act(self, line: str) -> None:
        if line.startswith(">"):
            self.last_id = self.rig.text(PHONE, self._with_code(line[1:].strip()))
            return
        inside = line.strip().removeprefix("(").removesuffix(")")
        for pattern, act in ACTS.items():
            if found := re.fullmatch(pattern, inside):
                act(self, *found.groups())
                return
        raise BadTranscript(f"nobody knows how to do: {line}")

    def _wait(self, count: str, unit: str) -> None:
        self._pass(timedelta(**{UNITS[unit]: float(count)}))

    def _until(self, moment: str) -> None:
        self._pass(_moment(moment) - self.rig.clock())

    def _pass(self, span: timedelta) -> None:
        self.rig.pump()
        step = max(timedelta(seconds=30), span / STEPS)
        while span > timedelta(0):
            self.rig.wait(seconds=min(step, span).total_seconds())
            span -= step

    def _claims(self, agent: str) -> None:
        self.rig.pump()
        claim(self.rig.service, self._ticket(), agent)

    def _replies(self, agent: str, words: str) -> None:
        reply(self.rig.service, self._ticket(), agent, words)

    def _hands_back(self, agent: str, flow: str | None) -> None:
        release(self.rig.service, self._ticket(), agent, flow)

    def _asks_for_a_code(self, agent: str) -> None:
        ask_code(self.rig.service, self._ticket(), agent)

    def _hands_on(self, agent: str, team: str) -> None:
        transfer(self.rig.service, self._ticket(), agent, to_team=team)

    def _closes(self, agent: str) -> None:
        close(self.rig.service, self._ticket(), agent, "answered")

    def _calls(self, agent: str, outcome: str) -> None:
        callback = self.rig.rows(tables.Callback)[-1].id
        callbacks_called.start(self.rig.service, callback, agent)
        getattr(callbacks_called, outcome.replace(" ", "_"))(self.rig.service, callback, agent)

    def _calls_and_moves(self, agent: str, moment: str) -> None:
        callback = self.rig.rows(tables.Callback)[-1].id
        callbacks_called.start(self.rig.service, callback, agent)
        start = _moment(moment)
        callbacks_called.rebook(self.rig.service, callback, agent, Span(start, start + timedelta(hours=1)))

    def _bank(self, state: str) -> None:
        self.rig.bank.down = state == "down"

    def _works(self, weekday: str, periods: str) -> None:
        service = self.rig.service
        with service.database.begin() as connection:
            hours = options.hours(connection, service.hours)
        week = {n: hours.usual(n) for n in range(7)} | {WEEKDAYS.index(weekday): _periods(periods)}
        hours_set.set_week(service, OPERATOR, week, hours.periods)

    def _sets_day(self, day: str, periods: str = "never") -> None:
        hours_set.add_days(self.rig.service, OPERATOR, [hours_set.Day(date.fromisoformat(day), _periods(periods))])

    def _says(self, key: str, words: str) -> None:
        with self.rig.service.database.begin() as connection:
            held = conversations.hold(connection, PHONE, self.rig.service.language, self.rig.clock())
        hours_set.set_words(self.rig.service, OPERATOR, held.language, key, words)

    def _offer(self, words: str) -> None:
        service, now = self.rig.service, self.rig.clock()
        with service.database.begin() as connection:
            message = written(
                service, phone=PHONE, purpose="commercial", template="offer", words=words, now=now, author="programme"
            )
            outbox.queue(connection, message, now)

    def _programme(self, key: str, kind: str, told: str) -> None:
        words, *menu = (part.strip() for part in told.split("|"))
        begin(self.rig, PHONE, words, *map(_reply, menu), programme=key, kind=kind)

    def _picture(self) -> None:
        self.last_id = self.rig.text(PHONE, "", media=1)

    def _again(self) -> None:
        body = next(text.body for text in self.rig.network.texts(PHONE) if text.gateway_id == self.last_id)
        self.rig.text(PHONE, body, sid=self.last_id)

    def _opens(self, flow: str) -> None:
        service = self.rig.service
        with service.database.begin() as connection:
            conversation = conversations.hold(connection, PHONE, service.language, service.clock())
            done = take(service, connection, conversation, Opened(flow))
        wake(service, done)

    def _ticket(self) -> int:
        with self.rig.service.database.begin() as connection:
            ticket = tickets.open_talk(connection, PHONE)
        if ticket is None:
            raise BadTranscript("no talk is open that an agent could act on")
        return int(ticket.id)

    def _customer(self, told: str) -> None:
        name, *facts = (part.strip() for part in told.split(","))
        given: dict[str, Any] = {}
        if name:
            given["name"], _, given["title"] = name.rpartition(" ")
        for fact in facts:
            column, _, value = fact.partition(" ")
            given[column] = _value(column, "" if value == "-" else value)
        self.customers += 1
        self.rig.customer(PHONE, f"C{self.customers}", **given)

    # ---- what came of it --------------------------------------------------------------------------------

    def _outcome(self) -> Iterator[str]:
        for body in self.rig.answers(PHONE):
            first, *more = self._without_code(body).split("\n")
            yield f"< {first}"
            yield from (f"  {line}" for line in more)
        yield from self._rows(tables.Consent, lambda row: f"* consent: {row.scope} {row.verdict} ({row.source})")
        yield from self._rows(tables.Ticket, _ticket_line)
        yield from self._rows(tables.Callback, _callback_line)
        yield from self._rows(tables.Response, self._response_line)

    def _rows(self, table: type[tables.Base], tell: Any) -> Iterator[str]:
        known = self.seen.setdefault(table, {})
        for row in self.rig.rows(table):
            told = tell(row)
            if known.get(row.id) != told:
                known[row.id] = told
                yield told

    def _response_line(self, row: Any) -> str:
        programme = next(one.programme for one in self.rig.rows(tables.Occasion) if one.id == row.occasion_id)
        turn = next(one.detail for one in self.rig.rows(tables.Trace) if one.inbound_id == row.inbound_id)
        why = " ".join(turn["answers"]["reasons"])
        return f"* answers {programme}: {row.meaning} {row.choice} {row.confidence:g} ({why})"

    def _code(self) -> str:
        service = self.rig.service
        with service.database.begin() as connection:
            row = codes.latest(connection, PHONE)
        return derive(service.secret, row.nonce, row.digits) if row is not None else ""

    def _with_code(self, text: str) -> str:
        if "{" not in text:
            return text
        code = self._code()
        wrong = f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}" if code else ""
        return text.replace("{code}", code).replace("{wrong}", wrong)

    def _without_code(self, body: str) -> str:
        code = self._code()
        return body.replace(code, "{code}") if code else body


ACTS: dict[str, Any] = {
    r"wait (\d+(?:\.\d+)?)([smhd])": Talk._wait,
    r"at (.+)": Talk._until,
    r"agent (\S+) claims": Talk._claims,
    r"agent (\S+): (.+)": Talk._replies,
    r"agent (\S+) hands back(?: into (\S+))?": Talk._hands_back,
    r"agent (\S+) asks for a code": Talk._asks_for_a_code,
    r"agent (\S+) hands on to (\S+)": Talk._hands_on,
    r"agent (\S+) closes": Talk._closes,
    r"agent (\S+) calls: (reached|no answer|wrong number)": Talk._calls,
    r"agent (\S+) calls: moved to (.+)": Talk._calls_and_moves,
    r"bank is (down|up)": Talk._bank,
    r"the bank works (\w{3}) (.+)": Talk._works,
    r"the bank closes (\S+)": Talk._sets_day,
    r"the bank opens (\S+) (.+)": Talk._sets_day,
    r"the bank says (\S+): ?(.*)": Talk._says,
    r"offer: (.+)": Talk._offer,
    r"(\w+), (care|festival|product|activity|service): (.+)": Talk._programme,
    r"picture": Talk._picture,
    r"the same text again": Talk._again,
    r"flow (\S+) opens": Talk._opens,
}


def _periods(told: str) -> tuple[Period, ...]:
    return () if told == "never" else parse_periods(told.split(","))


def _ticket_line(row: Any) -> str:
    place = f" at {row.place}" if row.place else ""
    agent = f" by {row.agent}" if row.agent else ""
    return f"* {row.kind}: {row.topic}{place}, {row.state}{agent}"


def _reply(told: str) -> Reply:
    key, flow, *words = told.split()
    return Reply(key, flow, tuple(words))


def _callback_line(row: Any) -> str:
    start = row.starts_at.astimezone(ZONE)
    return f"* callback: {start:%Y-%m-%d %H:%M}, {row.state}"


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told.strip()).replace(tzinfo=ZONE)


def _value(column: str, value: str) -> Any:
    if column.endswith("_on") or column == "birthday":
        return date.fromisoformat(value) if value else None
    if column in {"credit_limit", "available_limit", "amount_due", "loan_balance"}:
        return Decimal(value) if value else None
    if column == "overdue_days":
        return int(value)
    return value == "yes" if column == "autopay" else value


__all__ = ["BadTranscript", "Replayed", "replay"]
