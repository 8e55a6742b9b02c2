"""Random days of a bank: texts, repeats, receipts, timers, agents, faults and deaths in any order.

After each step the checker looks; in the end everything is mended, all work is done, and it looks once more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.gateways.faults import Fault, Kind
from app.gateways.network import HandsetOff
from app.handlers.agent_acted import NotYours, ask_code, claim, release, reply
from app.handlers.service import Service
from app.store import tables
from tests.laws.bench import JOBS, Bench
from tests.laws.cast import FIGURES, PHONES, invite
from tests.laws.reached import reached

CODE, WRONG_CODE = "CODE", "135790"
BODIES = (
    *("TD", "TD", "HF", "退订", "额度", "我还有多少额度", CODE, CODE, WRONG_CODE, "1", "1", "2", "3", "G", "Q"),
    *("这个月要还多少", "怎么还款", "明天下午给我打电话", "转人工", "菜单", "谢谢", "你们是骗子吧", "发错人了", "8002"),
    *("CCED#8003", "我的密码是827364", "好的", "不要", "asdfgh", "", "STOP", "我已经还了", "?"),
)
STORIES: dict[str, tuple[str | int, ...]] = {
    "a figure": ("我还有多少额度", "outbox", CODE, "bank"),
    "wrong codes": ("我还有多少额度", "outbox", WRONG_CODE, CODE, "我还有多少额度", WRONG_CODE, WRONG_CODE, WRONG_CODE),
    "the bank is away": ("我还有多少额度", "outbox", CODE, "bank down", "bank", 3, "bank"),
    "a booking": ("明天下午给我打电话", "1", 86_000, "timers"),
    "a person": ("转人工", "claim", "还在吗", 31),
    "a person tells a figure": (
        *("转人工", "claim", "tell", "outbox", "ask", "outbox", CODE),
        *("tell", "outbox", "outbox", 601, "tell", "outbox"),
    ),
    "a person makes an offer": ("转人工", "claim", "offer", "outbox", "offer", "TD", "outbox", "offer", "HF", "offer"),
    "nobody": ("转人工", 31, "timers", "1"),
    "an offer": ("advertise", "outbox", "advertise", "TD", "outbox", "HF", "advertise"),
    "no answer": ("silent", "菜单", "outbox", 46, "outbox", "look-ups", "outbox"),
    "a send that never was": ("lost", "菜单", "outbox", *(46, "look-ups") * 6),
    "a bug": ("break repayment", "怎么还款", "TD", "advertise", "outbox", "inbox", 6, "inbox", 6, "inbox"),
}
"""What happens to one customer: texts, seconds, jobs, and faults."""
FAILS = {"silent": Kind.SILENT, "lost": Kind.LOST}
OF_AGENTS = ("claim", "reply", "tell", "offer", "ask", "release")
FAULTS = (
    [Fault(kind) for kind in Kind if kind not in {Kind.REFUSED, Kind.UNDELIVERED}]
    + [Fault(Kind.REFUSED, code) for code in ("20429", "20429", "21610", "21211")]
    + [Fault(Kind.UNDELIVERED, code) for code in ("30003", "30005", "30007", "21610")]
)
FLOWS = ("quota", "proof", "repayment", "callback", "human", "menu", "unclear", "optout")
SECONDS = (1, 3, 6, 31, 46, 61, 121, 301, 601, 1801, 7201, 40_000)
STATUSES = ("queued", "sent", "delivered", "undelivered", "failed", "read")


def demand_none(faults: Sequence[object]) -> None:
    if faults:
        raise AssertionError("\n".join(map(repr, faults)))


phones = st.sampled_from(PHONES)
bodies = st.sampled_from(BODIES)
sides = st.sampled_from((0, 1))
agents = st.sampled_from(("li", "zhao"))
places = st.integers(0, 99)
"""Which of what there is, counted round: two processes race here, so what is drawn must not hang on who won."""


class Days(RuleBasedStateMachine):
    """`make` gives a fresh bench, `done` takes it back; `seen` counts what the days led to, over all examples."""

    def __init__(self, make: Callable[[], Bench], done: Callable[[Bench], None], seen: Counter[str]) -> None:
        super().__init__()
        self.make, self.done, self.seen = make, done, seen
        self.texts: list[tuple[str, str, str]] = []

    @initialize(stories=st.lists(st.sampled_from(sorted(STORIES)), min_size=2, max_size=4, unique=True))
    def begin(self, stories: list[str]) -> None:
        self.bench = invite(self.make())
        for phone, story in zip(PHONES, stories, strict=False):
            self.tell_a_story(phone, story, len(STORIES[story]))
            self.bench.flows.broken.clear()
            self.bench.bank.down = False

    # ---- customers ----------------------------------------------------------------------------------------

    @rule(phone=phones, body=bodies)
    def text(self, phone: str, body: str) -> None:
        """It reaches us now, and once more when the network carries: every text is repeated some time."""
        if sent := self._written(phone, body):
            self.bench.deliver(*sent)

    @rule(phone=phones, story=st.sampled_from(sorted(STORIES)), length=st.sampled_from((8, 3, 2)))
    def go_on_with(self, phone: str, story: str, length: int) -> None:
        self.tell_a_story(phone, story, length)

    def tell_a_story(self, phone: str, story: str, length: int) -> None:
        """Some ways are long, and single rules seldom walk all of them."""
        for step in STORIES[story][:length]:
            if isinstance(step, int):
                self.bench.clock.advance(seconds=step)
            elif step in JOBS:
                self.bench.job(step)
            elif step.startswith("break "):
                self.bench.flows.broken.add(step.removeprefix("break "))
            elif step in FAILS:
                self.bench.network.plan(Fault(FAILS[step]), phone)
            elif step == "advertise":
                self.bench.advertise(phone)
            elif step == "bank down":
                self.bench.bank.down = True
            elif step in OF_AGENTS:
                self._act(step, "li", self._open_tickets(phone))
            else:
                self.text(phone, step)

    @rule(phone=phones, body=bodies)
    def text_later(self, phone: str, body: str) -> None:
        self._written(phone, body)

    @rule(which=places)
    def text_again(self, which: int) -> None:
        if self.texts:
            self.bench.deliver(*self.texts[which % len(self.texts)])

    @rule(one=st.tuples(phones, bodies), other=st.tuples(phones, bodies), twice=st.booleans())
    def texts_at_once(self, one: tuple[str, str], other: tuple[str, str], twice: bool) -> None:
        """Two webhooks on two processes: of two texts, or of one and the same."""
        first = self._written(*one)
        second = first if twice else self._written(*other)
        if first is None or second is None:
            return
        webs = [process.app.test_client() for process in self.bench.processes]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda sent, web: self.bench.deliver(*sent, web), (first, second), webs))

    @rule(phone=phones, on=st.booleans())
    def switch_handset(self, phone: str, on: bool) -> None:
        self.bench.network.switch(phone, on)

    def _written(self, phone: str, body: str) -> tuple[str, str, str] | None:
        words = self.bench.code(phone) if body == CODE else body
        try:
            sent = (self.bench.network.text_in(phone, words), phone, words)
        except HandsetOff:
            return None
        self.texts.append(sent)
        return sent

    # ---- the network and the bank -------------------------------------------------------------------------

    @rule()
    def carry(self) -> None:
        self.bench.carry()

    @rule(fault=st.sampled_from(FAULTS), phone=st.none() | phones)
    def plan_a_fault(self, fault: Fault, phone: str | None) -> None:
        self.bench.network.plan(fault, phone)

    @rule(which=places, status=st.sampled_from(STATUSES), code=st.sampled_from(("", "30003", "21610")))
    def any_receipt(self, which: int, status: str, code: str) -> None:
        """A callback that nobody expects now; the checker only demands that no status falls."""
        sent = [row for row in self.bench.rows(tables.Message) if row.gateway_id]
        if sent:
            row = sent[which % len(sent)]
            self.bench.receipt(row.gateway_id, row.id, status, code if status in {"undelivered", "failed"} else "")

    @rule(down=st.booleans())
    def switch_bank(self, down: bool) -> None:
        self.bench.bank.down = down

    @rule(phone=phones, to=st.sampled_from(("", "C1", "C2", "C3")))
    def move_number(self, phone: str, to: str) -> None:
        self.bench.move_number(phone, to)

    # ---- ourselves ----------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from(SECONDS))
    def time_passes(self, seconds: int) -> None:
        self.bench.clock.advance(seconds=seconds)

    @rule(at=sides, name=st.sampled_from(sorted(JOBS)))
    def work(self, at: int, name: str) -> None:
        self.bench.job(name, at)

    @rule(at=sides)
    def work_on_everything(self, at: int) -> None:
        for name in JOBS:
            self.bench.job(name, at)

    @rule(at=sides, phone=phones, meanwhile=st.sampled_from(("refusal", "drain", "look-up", "receipts")))
    def send_while(self, at: int, phone: str, meanwhile: str) -> None:
        """Between a claim and its sends, the other process and the world go on."""
        other = 1 - at

        def look_up_late() -> None:
            self.bench.clock.advance(seconds=61)
            self.bench.job("look-ups", other)

        acts: dict[str, Callable[[], object]] = {
            "refusal": lambda: self.text(phone, "TD"),
            "drain": lambda: self.bench.drain(other),
            "look-up": look_up_late,
            "receipts": self.bench.carry,
        }
        self.bench.drain(at, acts[meanwhile])

    @rule(phone=phones)
    def advertise(self, phone: str) -> None:
        self.bench.advertise(phone)

    @rule(agent=agents, which=places, act=st.sampled_from(OF_AGENTS))
    def agent_acts(self, agent: str, which: int, act: str) -> None:
        if tickets := self._open_tickets():
            self._act(act, agent, [tickets[which % len(tickets)]])

    def _open_tickets(self, phone: str = "") -> list[int]:
        rows = [row for row in self.bench.rows(tables.Ticket) if row.state != "closed"]
        return [row.id for row in rows if phone in ("", row.phone)]

    def _act(self, act: str, agent: str, tickets: Sequence[int]) -> None:
        def go(service: Service) -> None:
            for ticket in tickets:
                try:
                    self._do(service, act, agent, ticket)
                except (NotYours, ValueError):
                    self.seen["an agent was refused"] += 1

        self.bench.run(go)

    def _do(self, service: Service, act: str, agent: str, ticket: int) -> None:
        if act == "claim":
            claim(service, ticket, agent)
        elif act == "reply":
            reply(service, ticket, agent, "您好，请稍等")
        elif act == "tell":
            reply(service, ticket, agent, f"您的可用额度是{self._figure_of(ticket)}元")
            self.seen["an agent told a figure"] += 1
        elif act == "offer":
            reply(service, ticket, agent, "本月贷款利率有优惠，详询95500", offer=True)
            self.seen["an agent made an offer"] += 1
        elif act == "ask":
            ask_code(service, ticket, agent)
        else:
            release(service, ticket, agent)

    def _figure_of(self, ticket: int) -> str:
        """What an agent would read in the facts of whoever the number belongs to."""
        phone = next(row.phone for row in self.bench.rows(tables.Ticket) if row.id == ticket)
        bound = {
            row.customer_id for row in self.bench.rows(tables.PhoneBinding) if row.phone == phone and not row.ended_at
        }
        return next((amount for amount, whose in FIGURES.items() if whose in bound), next(iter(FIGURES)))

    # ---- faults of our own --------------------------------------------------------------------------------

    @rule(at=sides, after=st.integers(1, 30))
    def will_die(self, at: int, after: int) -> None:
        self.bench.processes[at].fuse.set(after)

    @rule(flow=st.none() | st.sampled_from(FLOWS))
    def break_a_flow(self, flow: str | None) -> None:
        if flow is None:
            self.bench.flows.broken.clear()
        else:
            self.bench.flows.broken.add(flow)

    # ---- what must hold -----------------------------------------------------------------------------------

    @invariant()
    def laws_hold(self) -> None:
        if hasattr(self, "bench"):
            demand_none(self.bench.checker.faults())

    def teardown(self) -> None:
        if not hasattr(self, "bench"):
            return
        try:
            for phone in PHONES:
                self.bench.network.switch(phone, True)
            self.bench.settle()
            demand_none(self.bench.checker.at_rest())
            demand_none(self.bench.bugs)
            self.seen.update(reached(self.bench))
        finally:
            self.done(self.bench)
