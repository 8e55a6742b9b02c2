"""The simulated network: what a handset sees, and every fault that a real network has."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.gateways.faults import MAGIC, Fault, Kind
from app.gateways.network import RETRIES, HandsetOff, Network, Post
from app.gateways.port import Accepted, Cause, OutboundText, Refused, Status, Unsettled, WebhookRequest
from app.gateways.simulator import SimulatorGateway
from app.gateways.twilio_codes import CODES
from tests.clock import Clock

BASE = "https://sms.example.com"
KEY = "key"
PHONE = "+8613800138000"


@dataclass
class Service:
    """Our side of the line: notes what is posted, checks each signature, and can be down."""

    gateway: SimulatorGateway
    posts: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    answers: list[int | OSError] = field(default_factory=list)

    def post(self, path: str, form: Mapping[str, Sequence[str]], headers: Mapping[str, str]) -> int:
        self.gateway.verify(WebhookRequest("POST", BASE + path, headers, form))
        self.posts.append((path, {name: values[0] for name, values in form.items()}))
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, OSError):
            raise answer
        return answer

    @property
    def statuses(self) -> list[str]:
        return [form["status"] for path, form in self.posts if "/status/" in path]


def open_network(clock: Clock, path: Path | None = None, **settings: object) -> Network:
    return Network(path, clock=clock, key=KEY, public_url=BASE, **settings)  # type: ignore[arg-type]


@pytest.fixture(params=["memory", "file"])
def network(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path) -> Iterator[Network]:
    opened = open_network(clock, tmp_path / "deep" / "network.db" if request.param == "file" else None)
    yield opened
    opened.close()


@pytest.fixture
def service(network: Network) -> Service:
    return Service(SimulatorGateway(network, KEY))


def text(body: str = "您好", to: str = PHONE, validity: float = 600, message_id: int = 7) -> OutboundText:
    url = f"{BASE}/webhooks/simulator/status/{message_id}?k=1"
    return OutboundText(message_id, to, body, timedelta(seconds=validity), url)


def carry(network: Network, clock: Clock, service: Service, seconds: float = 0) -> None:
    network.carry(clock.advance(seconds=seconds), service.post)


def last(network: Network, phone: str = PHONE) -> tuple[Status, str | None]:
    seen = network.texts(phone)[-1]
    return seen.status, seen.error_code


# The way of a text.


def test_a_text_is_sent_then_delivered_and_each_is_told_once(network: Network, clock: Clock, service: Service) -> None:
    accepted = network.accept(text())
    assert isinstance(accepted, Accepted)
    assert last(network) == (Status.QUEUED, None)
    carry(network, clock, service)
    assert service.posts == []  # as with Twilio: no callback for the first status

    carry(network, clock, service, 0.3)
    assert (service.statuses, last(network)) == (["sent"], (Status.SENT, None))
    carry(network, clock, service, 5)
    assert (service.statuses, last(network)) == (["sent", "delivered"], (Status.DELIVERED, None))

    path, form = service.posts[0]
    assert path == "/webhooks/simulator/status/7?k=1"
    assert form == {"id": accepted.gateway_id, "status": "sent", "to": PHONE}
    assert network.next_due() is None


def test_a_receipt_is_signed_for_whoever_carries_it(network: Network, clock: Clock, service: Service) -> None:
    elsewhere = "http://127.0.0.1:8300/webhooks/simulator/status/7"  # sent by a process on another port
    network.accept(replace(text(), status_url=elsewhere))
    carry(network, clock, service, 5)
    assert service.posts[0][0] == "/webhooks/simulator/status/7"
    assert last(network) == (Status.DELIVERED, None)


def test_a_handset_sees_both_directions_and_asks_only_for_news(
    network: Network, clock: Clock, service: Service
) -> None:
    network.text_in(PHONE, "额度")
    network.accept(text("验证码 4821" + "。" * 70))
    network.accept(text("别人的", to="+8613800138001"))
    seen = network.texts(PHONE)
    assert [(each.to_handset, each.body[:8], each.parts) for each in seen] == [
        (False, "额度", 1),
        (True, "验证码 4821", 2),
    ]
    assert seen[0].at == clock()
    newest = max(each.revision for each in seen)
    assert network.texts(PHONE, after=newest) == []
    carry(network, clock, service, 1)
    (changed,) = network.texts(PHONE, after=newest)
    assert (changed.id, changed.status) == (seen[1].id, Status.DELIVERED)


def test_a_text_waits_for_a_handset_that_is_off(network: Network, clock: Clock, service: Service) -> None:
    network.switch(PHONE, on=False)
    network.accept(text())
    carry(network, clock, service, 60)
    assert (service.statuses, last(network)) == (["sent"], (Status.SENT, None))
    with pytest.raises(HandsetOff):
        network.text_in(PHONE, "额度")

    network.switch(PHONE, on=True)
    carry(network, clock, service)
    assert service.statuses == ["sent", "delivered"]
    carry(network, clock, service, 7200)
    assert service.statuses == ["sent", "delivered"]


@pytest.mark.parametrize(("validity", "code"), [(600, "30036"), (36_000, "30003")])
def test_a_text_does_not_wait_for_ever(
    network: Network, clock: Clock, service: Service, validity: float, code: str
) -> None:
    network.switch(PHONE, on=False)
    network.accept(text(validity=validity))
    carry(network, clock, service, 599)
    assert last(network) == (Status.SENT, None)
    carry(network, clock, service, 3002)
    assert last(network) == (Status.UNDELIVERED, code)
    assert service.posts[-1][1]["error_code"] == code
    network.switch(PHONE, on=True)
    carry(network, clock, service, 60)
    assert last(network) == (Status.UNDELIVERED, code)


def test_a_text_that_nobody_carried_in_time_has_expired(network: Network, clock: Clock, service: Service) -> None:
    network.accept(text(validity=0.5))
    carry(network, clock, service, 60)
    assert last(network) == (Status.UNDELIVERED, "30036")


def test_a_blocked_number_is_refused_until_it_is_unblocked(network: Network) -> None:
    network.block(PHONE)
    assert network.accept(text()) == Refused("21610", Cause.OPTED_OUT)
    assert network.texts(PHONE) == []
    network.block(PHONE, False)
    assert isinstance(network.accept(text()), Accepted)
    assert network.handset(PHONE).switched_on


# Texts to the bank.


def test_a_customers_text_is_posted_signed(network: Network, clock: Clock, service: Service) -> None:
    sid = network.text_in(PHONE, "ＣＣ额度＃１２３４😀", media=1)
    carry(network, clock, service)
    path, form = service.posts[0]
    assert path == "/webhooks/simulator/inbound"
    wanted = {"id": sid, "from": PHONE, "to": network.number, "body": "ＣＣ额度＃１２３４😀"}
    assert form == {**wanted, "parts": "1", "media": "1"}


def test_the_same_text_twice_is_one_text_posted_twice(network: Network, clock: Clock, service: Service) -> None:
    sid = network.text_in(PHONE, "1")
    assert network.text_in(PHONE, "1", sid=sid) == sid
    carry(network, clock, service)
    assert [form["id"] for _, form in service.posts] == [sid, sid]
    assert len(network.texts(PHONE)) == 1


def test_two_texts_at_once_are_under_way_together(network: Network, clock: Clock) -> None:
    meeting = threading.Barrier(2, timeout=60)

    def post(path: str, form: Mapping[str, Sequence[str]], headers: Mapping[str, str]) -> int:
        meeting.wait()  # passes only when both posts are here at the same time
        return 200

    network.text_in(PHONE, "1")
    network.text_in(PHONE, "2")
    assert network.carry(clock(), post, at_once=2) == 2


def test_several_carriers_post_each_call_once(network: Network, clock: Clock, service: Service) -> None:
    for number in range(40):
        network.text_in(PHONE, str(number))
    carriers = [threading.Thread(target=network.carry, args=(clock(), service.post)) for _ in range(4)]
    for each in carriers:
        each.start()
    for each in carriers:
        each.join()
    assert sorted(int(form["body"]) for _, form in service.posts) == list(range(40))


def test_a_service_that_is_down_is_called_again(network: Network, clock: Clock, service: Service) -> None:
    network.text_in(PHONE, "1")
    service.answers = [ConnectionRefusedError(), 503, 200]
    carry(network, clock, service)
    assert len(service.posts) == 1
    carry(network, clock, service, RETRIES[0])
    carry(network, clock, service, RETRIES[1])
    carry(network, clock, service, 3600)
    assert len(service.posts) == 3


def test_a_service_that_stays_down_is_given_up(network: Network, clock: Clock, service: Service) -> None:
    network.text_in(PHONE, "1")
    service.answers = [500] * 100
    for _ in range(20):
        carry(network, clock, service, 60)
    assert len(service.posts) == 1 + len(RETRIES)


def test_a_call_that_the_service_refuses_is_not_repeated(network: Network, clock: Clock, service: Service) -> None:
    network.text_in(PHONE, "1")
    service.answers = [403]
    carry(network, clock, service)
    carry(network, clock, service, 3600)
    assert len(service.posts) == 1


def test_a_carrier_that_dies_gives_its_call_back(network: Network, clock: Clock, service: Service) -> None:
    def dies(path: str, form: Mapping[str, Sequence[str]], headers: Mapping[str, str]) -> int:
        raise RuntimeError("killed")

    network.text_in(PHONE, "1")
    with pytest.raises(RuntimeError):
        network.carry(clock(), dies)
    carry(network, clock, service, 1)
    assert service.posts == []
    carry(network, clock, service, 60)
    assert len(service.posts) == 1


# Faults.


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (Kind.CALLBACKS_TWICE, [["sent", "sent", "delivered", "delivered"], []]),
        (Kind.CALLBACKS_REVERSED, [["delivered", "sent"], []]),
        (Kind.CALLBACKS_LATE, [[], ["sent", "delivered"]]),
        (Kind.CALLBACKS_NEVER, [[], []]),
    ],
)
def test_callbacks_go_wrong_while_the_text_arrives(
    network: Network, clock: Clock, service: Service, kind: Kind, told: list[list[str]]
) -> None:
    network.plan(Fault(kind))
    network.accept(text())
    for _ in range(10):
        carry(network, clock, service, 1)
    assert service.statuses == told[0]
    assert last(network) == (Status.DELIVERED, None)
    carry(network, clock, service, 60)
    assert service.statuses == told[0] + told[1]


def test_an_answer_that_is_lost_is_settled_by_a_callback(network: Network, clock: Clock, service: Service) -> None:
    network.plan(Fault(Kind.SILENT))
    assert isinstance(network.accept(text()), Unsettled)
    carry(network, clock, service, 1)
    assert [path for path, _ in service.posts] == ["/webhooks/simulator/status/7?k=1"] * 2


def test_a_plan_is_for_one_phone_or_for_anybody_and_wears_off(network: Network) -> None:
    network.plan(Fault(Kind.REFUSED, "20429"), PHONE, times=2)
    network.plan(Fault(Kind.LOST))
    other = text(to="+8613800138001")
    assert isinstance(network.accept(other), Unsettled)
    assert [network.accept(text()) for _ in range(2)] == [Refused("20429", Cause.BUSY, retry=True)] * 2
    assert isinstance(network.accept(text()), Accepted)
    assert isinstance(network.accept(other), Accepted)


@pytest.mark.parametrize(("phone", "fault"), MAGIC.items(), ids=[fault.kind + fault.code for fault in MAGIC.values()])
def test_every_magic_number_does_what_it_says(
    network: Network, clock: Clock, service: Service, phone: str, fault: Fault
) -> None:
    outcome = network.accept(text(to=phone))
    for _ in range(10):
        carry(network, clock, service, 10)
    statuses = service.statuses
    arrived = bool(network.texts(phone)) and last(network, phone)[0] is Status.DELIVERED
    match fault.kind:
        case Kind.REFUSED:
            assert isinstance(outcome, Refused)
            assert (outcome.code, arrived, statuses) == (fault.code, False, [])
        case Kind.LOST:
            assert (type(outcome), arrived, statuses) == (Unsettled, False, [])
        case Kind.SILENT:
            assert (type(outcome), arrived, statuses) == (Unsettled, True, ["sent", "delivered"])
        case Kind.UNDELIVERED:
            assert (type(outcome), arrived, statuses) == (Accepted, False, ["sent", "undelivered"])
            assert service.posts[-1][1]["error_code"] == fault.code
        case Kind.CALLBACKS_NEVER:
            assert (type(outcome), arrived, statuses) == (Accepted, True, [])
        case _:
            assert (type(outcome), arrived, set(statuses)) == (Accepted, True, {"sent", "delivered"})


def test_magic_codes_are_codes_that_the_table_knows() -> None:
    assert {fault.code for fault in MAGIC.values() if fault.code} <= set(CODES)
    assert {fault.kind for fault in MAGIC.values()} == set(Kind)


def test_chance_is_the_same_for_the_same_seed(clock: Clock) -> None:
    def run(seed: int) -> list[object]:
        chances = {Fault(Kind.LOST): 0.2, Fault(Kind.REFUSED, "20429"): 0.2}
        network = open_network(clock, seed=seed, chances=chances)
        return [network.accept(text(str(number))) for number in range(200)]

    first = run(1)
    assert first == run(1)
    assert first != run(2)
    lost = sum(isinstance(outcome, Unsettled) for outcome in first)
    refused = sum(isinstance(outcome, Refused) for outcome in first)
    assert 20 <= lost <= 60
    assert 20 <= refused <= 60


def test_without_a_seed_ids_never_come_back(clock: Clock) -> None:
    ids = {open_network(clock).text_in(PHONE, "1") for _ in range(3)}
    assert len(ids) == 3


# STOP as Twilio treats it.


def test_the_network_can_treat_stop_as_twilio_does(clock: Clock) -> None:
    network = open_network(clock, answers_stop=True)
    service = Service(SimulatorGateway(network, KEY))
    network.text_in(PHONE, "Stop")
    assert network.accept(text()) == Refused("21610", Cause.OPTED_OUT)
    network.text_in(PHONE, "help")  # blocked: no answer
    network.text_in(PHONE, "START")
    assert isinstance(network.accept(text()), Accepted)
    network.text_in(PHONE, "STOP PLEASE")
    assert isinstance(network.accept(text()), Accepted)

    carry(network, clock, service)
    assert [form.get("keyword") for _, form in service.posts] == ["stop", "help", "start", None]
    own_words = [each.body for each in network.texts(PHONE) if each.to_handset and each.body != text().body]
    assert len(own_words) == 2


def test_a_blocked_number_texts_its_way_back(network: Network, clock: Clock, service: Service) -> None:
    network.block(PHONE)
    network.text_in(PHONE, "start")
    carry(network, clock, service)
    assert service.posts[-1][1]["keyword"] == "start"
    assert not network.handset(PHONE).blocked


def test_else_stop_is_the_banks_to_answer(network: Network, clock: Clock, service: Service) -> None:
    network.text_in(PHONE, "STOP")
    carry(network, clock, service)
    assert "keyword" not in service.posts[0][1]
    assert isinstance(network.accept(text()), Accepted)


# Several processes.


def _send_many(path: Path, start: int) -> None:
    network = open_network(Clock(), path)
    for number in range(50):
        network.accept(text(str(start + number), message_id=start + number))
    network.close()


def test_processes_share_a_file(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "network.db"
    spawn = multiprocessing.get_context("spawn")
    senders = [spawn.Process(target=_send_many, args=(path, start)) for start in (0, 1000)]
    for each in senders:
        each.start()
    for each in senders:
        each.join(60)
    assert [each.exitcode for each in senders] == [0, 0]

    network = open_network(clock, path)
    service = Service(SimulatorGateway(network, KEY))
    carry(network, clock, service, 5)
    assert len(network.texts(PHONE)) == 100
    assert len({path for path, _ in service.posts}) == 100
    network.close()


def test_the_post_of_the_service_is_what_carry_asks_for(service: Service) -> None:
    post: Post = service.post
    assert callable(post)
