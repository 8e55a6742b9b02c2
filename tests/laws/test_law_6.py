"""Law 6: a conversation has one owner, bot or one agent, and the database decides.

Random acts of agents, supervisors, customers and the clock, on two processes; after each the rows are looked at with
SQL of this file's own. Then fifty agents at once, on real threads.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from app.handlers import agent_acted as acts
from app.handlers import presence_told
from app.handlers.service import Service
from app.handlers.staff_watched import make_offers, return_left_behind
from app.store import options, tables
from tests.handlers.staff import hire, keep_alive
from tests.laws.bench import Bench
from tests.laws.cast import PHONES, invite
from tests.laws.conftest import make
from tests.servers.postgres import Postgres

MORE = int(os.environ.get("LAWS_EXAMPLES", "0"))
EXAMPLES = {"sqlite": 40, "postgres": 15}
AGENTS = ("li", "zhao", "chef")
BODIES = ("转人工", "还在吗", "TD", "CODE", "怎么还款", "1", "4", "我要投诉")

OF_HOLDERS = (
    *("reply", "ask", "close", "release"),
    *("hand:agent:zhao", "hand:agent:chef", "hand:agent:li", "hand:team:fraud", "hand:give:li"),
)

BROKEN = {
    "owned by an agent who holds no claimed talk of it": """
        SELECT c.phone FROM conversations c WHERE c.owner <> 'bot' AND 1 <> (
            SELECT count(*) FROM tickets t WHERE t.phone = c.phone AND t.kind = 'talk' AND t.state = 'claimed'
            AND c.owner = 'agent:' || t.agent)""",
    "a claimed talk that its agent does not own": """
        SELECT t.id FROM tickets t JOIN conversations c ON c.phone = t.phone
        WHERE t.kind = 'talk' AND t.state = 'claimed' AND c.owner <> 'agent:' || t.agent""",
    "two open talks of one number": """
        SELECT phone FROM tickets WHERE kind = 'talk' AND state <> 'closed' GROUP BY phone HAVING count(*) > 1""",
    "claimed by nobody, or waiting with somebody": """
        SELECT id FROM tickets WHERE (state = 'claimed') <> (agent <> '') AND state <> 'closed'""",
    "an agent over the limit": """
        SELECT a.name FROM agents a WHERE a.most_open < (SELECT count(*) FROM tickets t
        WHERE t.agent = a.name AND t.state = 'claimed' AND t.kind = 'talk' AND NOT EXISTS (
            SELECT 1 FROM audit u WHERE u.action IN ('ticket.reassign', 'ticket.take_over')
            AND u.subject = 'ticket:' || t.id))""",
}
UNRECORDED = """
    SELECT t.id FROM tickets t WHERE t.state = 'claimed' AND NOT EXISTS (
        SELECT 1 FROM audit u WHERE u.subject = 'ticket:' || t.id AND u.action IN
        ('ticket.claim', 'ticket.take_over', 'ticket.reassign'))"""


def broken(bench: Bench) -> list[str]:
    """What of law 6 does not hold now."""
    with bench.outside.begin() as connection:
        queries = {**BROKEN, "claimed without an audit row": UNRECORDED}
        return [name for name, query in queries.items() if connection.execute(text(query)).first() is not None]


class Desk(RuleBasedStateMachine):
    """`new` gives a fresh bench, `done` takes it back; `seen` counts what happened, over all examples."""

    def __init__(self, new: Callable[[], Bench], done: Callable[[Bench], None], seen: Counter[str]) -> None:
        super().__init__()
        self.new, self.done, self.seen = new, done, seen

    @initialize(offers=st.booleans())
    def begin(self, offers: bool) -> None:
        self.bench = invite(self.new())
        hire(self.bench, "li")
        hire(self.bench, "zhao", most_open=1)
        hire(self.bench, "chef", "supervisor")
        with self.bench.outside.begin() as connection:
            value = {"mode": "offer" if offers else "free", "seconds": 15}
            options.write(connection, "routing", value, "boss", self.bench.clock())
        for phone in PHONES:
            self.bench.say(phone, "转人工")

    @rule(phone=st.sampled_from(PHONES), body=st.sampled_from(BODIES))
    def text(self, phone: str, body: str) -> None:
        owned = self._owner(phone)
        before = {row.id for row in self.bench.rows(tables.Message)}
        self.bench.text(phone, self.bench.code(phone) if body == "CODE" else body)
        self.bench.pump()
        if owned != "bot":
            said = [row for row in self.bench.rows(tables.Message) if row.id not in before and row.phone == phone]
            allowed = {"optout.done", "optout.all", "optin.done"}
            strange = [row.template for row in said if not set(row.template.split("+")) <= allowed and not _code(row)]
            assert strange == [], f"the bot spoke into {owned}'s conversation: {strange}"
            self.seen["texts to an agent"] += 1

    @rule(which=st.integers(0, 3), agent=st.sampled_from(AGENTS))
    def claim(self, which: int, agent: str) -> None:
        self._on(which, lambda ticket: self._try("claim", agent, ticket.id))

    @rule(which=st.integers(0, 3), act=st.sampled_from(OF_HOLDERS))
    def act(self, which: int, act: str) -> None:
        """Whoever holds it does what holders do."""
        self._on(which, lambda ticket: self._try(act, ticket.agent or "li", ticket.id))

    @rule(which=st.integers(0, 3), act=st.sampled_from((*OF_HOLDERS, "take_over")), agent=st.sampled_from(AGENTS))
    def meddle(self, which: int, act: str, agent: str) -> None:
        """Somebody, who may hold it or not."""
        self._on(which, lambda ticket: self._try(act, agent, ticket.id, at=1))

    @rule(one=st.sampled_from(AGENTS), other=st.sampled_from(AGENTS))
    def claim_at_once(self, one: str, other: str) -> None:
        """Two clicks on two machines."""
        for ticket in self._talks()[:1]:
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(self._try, ("claim", "claim"), (one, other), (ticket.id, ticket.id), (0, 1)))

    @rule(stay=st.sets(st.sampled_from(AGENTS)), seconds=st.sampled_from((5, 16, 31, 61)))
    def time_passes(self, stay: set[str], seconds: int) -> None:
        self.bench.clock.advance(seconds=seconds)
        keep_alive(self.bench, *stay)
        for job in (return_left_behind, make_offers):
            self.bench.run(job)
        for job in ("timers", "silences", "outbox"):
            self.bench.job(job)

    @invariant()
    def law_6_holds(self) -> None:
        if hasattr(self, "bench"):
            assert broken(self.bench) == []
            assert self.bench.bugs == []

    def teardown(self) -> None:
        if hasattr(self, "bench"):
            self.done(self.bench)

    def _talks(self) -> list[Any]:
        return [row for row in self.bench.rows(tables.Ticket) if row.kind == "talk" and row.state != "closed"]

    def _on(self, which: int, act: Callable[[Any], None]) -> None:
        talks = self._talks()
        if which < len(talks):
            act(talks[which])

    def _owner(self, phone: str) -> str:
        return next(row.owner for row in self.bench.rows(tables.Conversation) if row.phone == phone)

    def _try(self, act: str, agent: str, ticket: int, at: int = 0) -> None:
        def go(service: Service) -> None:
            try:
                _act(service, act, agent, ticket)
                self.seen[act.rpartition(":")[0] or act] += 1
            except (acts.NotYours, ValueError):
                self.seen["refused"] += 1

        self.bench.run(go, at)


def _act(service: Service, act: str, agent: str, ticket: int) -> None:
    if act == "claim":
        acts.claim(service, ticket, agent)
    elif act == "reply":
        acts.reply(service, ticket, agent, "您好，请稍等")
    elif act == "ask":
        acts.ask_code(service, ticket, agent)
    elif act == "close":
        acts.close(service, ticket, agent, "answered")
    elif act == "release":
        acts.release(service, ticket, agent)
    elif act == "take_over":
        acts.take_over(service, ticket, agent)
    else:
        _, how, to = act.split(":")
        if how == "give":
            acts.reassign(service, ticket, "chef", to)
        else:
            acts.transfer(service, ticket, agent, **({"to_agent": to} if how == "agent" else {"to_team": "fraud"}))


def _code(row: Any) -> bool:
    """What the agent's own request for a code makes the bot say."""
    return str(row.template).startswith("check.")


@pytest.mark.timeout(600 + 10 * MORE)
@pytest.mark.slow
def test_one_owner_whatever_people_do(request: pytest.FixtureRequest, backend: str, tmp_path: Path) -> None:
    """Without `LAWS_EXAMPLES` the same acts every time; with it, others every time."""
    numbers, seen = count(), Counter[str]()
    databases: dict[int, list[str]] = {}

    def postgres() -> Postgres:
        found: Postgres = request.getfixturevalue("postgres")
        return found

    def begin() -> Bench:
        bench, urls = make(backend, tmp_path / str(next(numbers)), postgres)
        databases[id(bench)] = urls
        return bench

    def end(bench: Bench) -> None:
        bench.close()
        if urls := databases.pop(id(bench)):
            postgres().drop(urls)

    run_state_machine_as_test(
        lambda: Desk(begin, end, seen),
        settings=settings(
            max_examples=MORE or EXAMPLES[backend],
            stateful_step_count=20,
            derandomize=not MORE,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
    print(dict(seen))
    done = ("claim", "reply", "ask", "close", "release", "take_over", "hand:agent", "hand:team", "hand:give", "refused")
    assert [act for act in (*done, "texts to an agent") if not seen[act]] == []


def test_fifty_agents_race_for_one_ticket(bench: Bench) -> None:
    """Always exactly one winner, whichever process they ask."""
    invite(bench)
    for number in range(50):
        hire(bench, f"agent{number}")
    bench.say(PHONES[0], "转人工")
    services = [process.service for process in bench.processes]

    def claim(number: int) -> str:
        try:
            acts.claim(services[number % len(services)], 1, f"agent{number}")
        except acts.NotYours as lost:
            return str(lost)
        return "won"

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(claim, range(50)))
    winner = outcomes.index("won")
    assert outcomes.count("won") == 1
    assert set(outcomes) == {"won", f"ticket 1 is already with agent{winner}"}
    assert broken(bench) == []


def test_tickets_that_change_hands_crosswise_lock_nobody_out(bench: Bench) -> None:
    """Two supervisors give li's to zhao and zhao's to li, while pages tell that both are there."""
    invite(bench)
    for name in ("li", "zhao"):
        hire(bench, name, most_open=9)
    bench.say(PHONES[0], "转人工")
    bench.say(PHONES[1], "转人工")
    one, other = (process.service for process in bench.processes)
    for ticket, name in ((1, "li"), (2, "zhao")):
        acts.claim(one, ticket, name)

    def give(service: Service, ticket: int, names: tuple[str, str]) -> None:
        for turn in range(20):
            acts.reassign(service, ticket, "chef", names[turn % 2])

    def tell(names: tuple[str, str]) -> None:
        for _ in range(40):
            bench.clock.advance(seconds=2)
            presence_told.tell(other, [presence_told.Told(0, name) for name in names])

    with ThreadPoolExecutor(4) as pool:
        running = [
            pool.submit(give, one, 1, ("zhao", "li")),
            pool.submit(give, other, 2, ("li", "zhao")),
            pool.submit(tell, ("zhao", "li")),
            pool.submit(tell, ("li", "zhao")),
        ]
        assert [act.exception(120) for act in running] == [None] * 4
    assert broken(bench) == []


@pytest.mark.parametrize(
    "wrong", ["UPDATE conversations SET owner = 'agent:li'", "UPDATE tickets SET state = 'claimed'"]
)
def test_the_look_sees_a_law_that_is_broken(bench: Bench, wrong: str) -> None:
    invite(bench)
    bench.say(PHONES[0], "转人工")
    with bench.outside.begin() as connection:
        connection.execute(text(wrong))
    assert broken(bench) != []
