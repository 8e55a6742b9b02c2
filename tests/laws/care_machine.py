"""Random days of programmes: plans, texts that leave, refusals, edits, switches, clocks, deaths, in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.gateways.faults import Fault, Kind
from app.gateways.network import HandsetOff
from app.store import tables
from tests.laws.care_bench import CareBench
from tests.laws.care_cast import CUSTOMERS, NUMBERS, OTHER, PHONES, PROGRAMMES, ZONES, invite, switch, write_version
from tests.laws.care_checker import NEVER
from tests.laws.machine import demand_none

BODIES = ("TD", "TD", "退订", "HF", "HF", "1", "怎么还款", "转人工", "0", "谢谢", "STOP")
EDITS = {
    "new words": {"purpose": "commercial", "kind": "care", "body": "{customer}，近来可好，客服{hotline}。"},
    "an offer now": {"purpose": "commercial", "kind": "product", "body": "{customer}，贷款有新消息，客服{hotline}。"},
    "refused words": {"purpose": "commercial", "kind": "care", "body": NEVER + "，客服{hotline}。"},
    "no value": {"purpose": "commercial", "kind": "care", "body": "{branch}有新消息，客服{hotline}。"},
}
MINUTES = (1, 5, 11, 30, 61, 121, 300, 600, 900, 1440, 4 * 1440, 21 * 1440)
BACK = (10, 60, 3600, 7200)
DUE = tuple(timedelta(hours=hours) for hours in (-3, 0, 0, 0, 1, 10))
OPEN = tuple(timedelta(hours=hours) for hours in (1, 2, 8, 20))
STORIES: dict[str, tuple[str | int, ...]] = {
    "an offer": ("plan settled", "let go", "send", 5, "怎么还款"),
    "a refusal in time": ("plan settled", "TD", "let go", "send", "HF", "plan birthday", "let go", "send"),
    "a refusal while it is queued": ("plan settled", "let go", "TD", "send", "plan solar_term", "let go", "send"),
    "every kind in a month": (
        *("plan birthday", "let go", "send", 1440, "plan settled", "let go", "send", 1440, "plan birthday_offer"),
        *("let go", "send", "plan solar_term", "let go", "send", 21 * 1440, "plan wake_up", "let go", "send"),
        *(1440, "plan settled", "let go", "send", 1440, "plan birthday_offer", "let go", "send"),
    ),
    "at two numbers": (
        *("plan birthday", "let go", "send", "other number", "plan settled", "let go", "send", 1440, "plan settled"),
        *("let go", "send", 1440, "plan birthday_offer", "let go", "send"),
    ),
    "all at once": ("plan birthday", "plan settled", "plan birthday_offer", "plan solar_term", "let go", "send"),
    "two greetings": ("plan dragon_boat", "let go", "send", "plan dragon_boat", "let go", "send"),
    "a second text": ("plan settled", "let go", "send", 121, "let go", "send", *(1440, "let go", "send") * 3),
    "too late for the sender": ("plan birthday", "let go", 300, "send", 300, "send", 600, "send"),
    "too late for the window": ("plan birthday", 301, "let go", "plan settled", 600, "let go", "send"),
    "at night": ("plan birthday late", 180, "let go", "send", 300, "let go", "send", 300, "let go", "send"),
    "into the night": ("plan birthday late", "let go", 180, "send", 300, "send", 300, "send"),
    "words change": (
        *("edit new words", "plan birthday", "let go", "send", 1440, "edit refused words", "plan birthday"),
        *("let go", "send", "edit no value", "plan birthday", "let go", "edit an offer now", 1440, "plan birthday"),
        "let go",
    ),
    "retired": ("plan birthday", "retire", "let go", "send", "edit new words", "plan birthday", "let go", "send"),
    "switched off": (
        "plan birthday",
        "plan birthday",
        "let go",
        "off",
        "send",
        "let go",
        "on",
        "plan birthday",
        "let go",
    ),
    "in a talk": ("怎么还款", "plan birthday", "let go", 11, "let go", "0", 11, "let go", "send"),
    "a death": (
        *("plan birthday", "die 9", "let go", "let go", 1440, "plan settled", "die 25", "let go", "let go", "send"),
    ),
    "the number moves": ("plan birthday", "let go", "move", "send", "plan settled", "let go", "send"),
}
"""What happens to one customer: texts, minutes, and what is done to the programme that was planned last."""
JOBS = ("outbox", "look-ups", "inbox", "timers", "silences")
SENDS = [Fault(kind) for kind in (Kind.SILENT, Kind.LOST, Kind.CALLBACKS_NEVER)] + [Fault(Kind.REFUSED, "21610")]

phones = st.sampled_from(NUMBERS)
keys = st.sampled_from(PROGRAMMES)
sides = st.sampled_from((0, 1))


class CareDays(RuleBasedStateMachine):
    """`make` gives a fresh bench, `done` takes it back; `seen` counts what the days led to, over all examples."""

    def __init__(self, make: Callable[[], CareBench], done: Callable[[CareBench], None], seen: Counter[str]) -> None:
        super().__init__()
        self.make, self.done, self.seen = make, done, seen
        self.versions = Counter[str]()

    @initialize(stories=st.lists(st.sampled_from(sorted(STORIES)), min_size=2, max_size=4, unique=True))
    def begin(self, stories: list[str]) -> None:
        """It is 20:00 in Shanghai, 13:00 in London and 08:00 in New York."""
        self.bench = invite(self.make())
        self.bench.care.zones = ZONES
        self.bench.clock.advance(hours=10)
        for phone, story in zip(PHONES, stories, strict=False):
            self.tell(phone, story, len(STORIES[story]))

    @rule(phone=phones, story=st.sampled_from(sorted(STORIES)), length=st.sampled_from((6, 4, 3)))
    def tell(self, phone: str, story: str, length: int) -> None:
        """Some ways are long, and single rules seldom walk all of them."""
        self.play(phone, STORIES[story][:length])

    def play(self, phone: str, steps: Sequence[str | int]) -> None:
        key = "birthday"
        for step in steps:
            verb, _, what = step.partition(" ") if isinstance(step, str) else ("", "", "")
            if isinstance(step, int):
                self.bench.clock.advance(minutes=step)
            elif verb == "plan":
                key, _, late = what.partition(" ")
                lasts = timedelta(hours=20 if late else 4)
                self.plan_anything(phone, key, timedelta(0), lasts, False)
            elif verb == "edit":
                self.edit(key, what)
            elif verb == "die":
                self.will_die(0, int(what))
            elif step == "other number":
                phone = OTHER
            elif verb == "move":
                self.number_moves(phone, False)
            elif step == "let go":
                self.bench.let_go()
            elif step == "send":
                self.bench.drain(1)
            elif step == "retire":
                self.retire(key)
            elif step in ("on", "off"):
                self.switch(key, step == "on")
            else:
                self.text(phone, step)
            self.laws_hold()

    # ---- programmes ---------------------------------------------------------------------------------------

    @rule(at=sides)
    def plan(self, at: int) -> None:
        self.bench.plan(at)

    @rule(phone=phones, key=keys, due=st.sampled_from(DUE), lasts=st.sampled_from(OPEN), same=st.booleans())
    def plan_anything(self, phone: str, key: str, due: timedelta, lasts: timedelta, same: bool) -> None:
        occasion = "same" if same else ""
        self.bench.planned(phone, CUSTOMERS[phone], key, occasion=occasion, due_in=due, open_for=lasts)

    @rule(at=sides)
    def let_go(self, at: int) -> None:
        self.bench.let_go(at)

    @rule(at=sides)
    def let_go_and_send(self, at: int) -> None:
        self.bench.let_go(at)
        self.bench.drain(1 - at)

    @rule(key=keys, on=st.booleans())
    def switch(self, key: str, on: bool) -> None:
        switched = self.bench.run(lambda service: switch(service, key, on) or True)
        if switched:
            self.bench.care.switched(key, on)

    @rule(key=keys, edit=st.sampled_from(sorted(EDITS)))
    def edit(self, key: str, edit: str) -> None:
        self.versions[key] += 1
        write_version(self.bench, key, self.versions[key], "approved", EDITS[edit])
        self.bench.care.approved(key)

    @rule(key=keys)
    def retire(self, key: str) -> None:
        self.versions[key] += 1
        write_version(self.bench, key, self.versions[key], "retired", EDITS["new words"])
        self.bench.care.retired(key)

    # ---- customers ----------------------------------------------------------------------------------------

    @rule(phone=phones, body=st.sampled_from(BODIES))
    def text(self, phone: str, body: str) -> None:
        try:
            gateway_id = self.bench.network.text_in(phone, body)
        except HandsetOff:
            return
        self.bench.deliver(gateway_id, phone, body)

    @rule(phone=phones, on=st.booleans())
    def switch_handset(self, phone: str, on: bool) -> None:
        self.bench.network.switch(phone, on)

    @rule(phone=phones, to=st.booleans())
    def number_moves(self, phone: str, to: bool) -> None:
        self.bench.move_number(phone, CUSTOMERS[phone] if to else "")

    # ---- ourselves, the network, the clock ----------------------------------------------------------------

    @rule(at=sides, name=st.sampled_from(JOBS))
    def work(self, at: int, name: str) -> None:
        self.bench.job(name, at)

    @rule(at=sides, phone=phones)
    def send_while_it_is_refused(self, at: int, phone: str) -> None:
        self.bench.drain(at, lambda: self.text(phone, "TD"))

    @rule(at=sides, minutes=st.sampled_from((1, 61, 600)))
    def send_after_standing_still(self, at: int, minutes: int) -> None:
        self.bench.drain(at, lambda: self.bench.clock.advance(minutes=minutes) and None)

    @rule(fault=st.sampled_from(SENDS), phone=phones)
    def plan_a_fault(self, fault: Fault, phone: str) -> None:
        self.bench.network.plan(fault, phone)

    @rule()
    def carry(self) -> None:
        self.bench.carry()

    @rule(minutes=st.sampled_from(MINUTES))
    def time_passes(self, minutes: int) -> None:
        self.bench.clock.advance(minutes=minutes)

    @rule(seconds=st.sampled_from(BACK))
    def the_clock_steps_back(self, seconds: int) -> None:
        self.bench.clock.set(self.bench.clock() - timedelta(seconds=seconds))

    @rule(at=sides, after=st.integers(1, 60))
    def will_die(self, at: int, after: int) -> None:
        self.bench.processes[at].fuse.set(after)

    # ---- what must hold -----------------------------------------------------------------------------------

    @invariant()
    def laws_hold(self) -> None:
        if hasattr(self, "bench"):
            demand_none(self.bench.care.faults())
            demand_none([fault for fault in self.bench.checker.faults() if fault.law in (1, 2, 5, 7)])

    def teardown(self) -> None:
        if not hasattr(self, "bench"):
            return
        try:
            for phone in NUMBERS:
                self.bench.network.switch(phone, True)
            self.bench.settle()
            self.bench.wait(days=5)
            demand_none(self.bench.care.at_rest(self.bench.clock()))
            demand_none([fault for fault in self.bench.checker.faults() if fault.law in (1, 2, 5, 7)])
            demand_none(self.bench.bugs)
            self.seen.update(came_to(self.bench))
        finally:
            self.done(self.bench)


def came_to(bench: CareBench) -> Counter[str]:
    """What became of the planned texts, by reason; and how often a process died."""
    found = Counter({"a process died": bench.deaths})
    for row in bench.rows(tables.Occasion):
        found[f"{row.state} {row.reason}".strip()] += 1
        found["a second text was planned"] += row.first_id is not None
    for row in bench.rows(tables.Message):
        if row.template.startswith("care."):
            found[f"text {row.state} {row.reason}".strip()] += 1
    return found
