"""Every form, address and header of the console with things that no page sends: refused with a sentence, no 500."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import update

from app.handlers import callbacks_called
from app.handlers.agent_acted import claim
from app.store import tables
from app.store.migrate import upgrade
from app.web.console.entry.limits import NAME, Failures
from tests.clock import Clock
from tests.console.conftest import CHANGES, Seat, SignedIn
from tests.console.permitted import PERMITTED
from tests.console.test_roles import RULES, path
from tests.handlers.talk import ANN, BEN
from tests.rig import Rig, sqlite_url

HOSTILE = [
    "",
    "a\x00b",
    "\x00",
    "\ufffe\u2028\u202e\r\nSet-Cookie: a=b",
    "<script>alert(1)</script>'\"%s{{7*7}}${x}",
    "9" * 30,
    "9" * 5000,
    "-1",
    "²",
    "١٢٣٤",
    "2026-06-10T10:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31",
    "00:00-٢٤:٠٠",
    "http://[",
    "//℀.example",
    "\U000e0001🏦" * 200,
    "agent:" + "x" * 300,
    "team:" + "x" * 300,
    "agent:小\x00",
]
RAW = [b"%ED%A0%80", b"\xff\xfe"]

Form = dict[str, str]
TICKET, CALL = "/console/tickets/1", "/console/callbacks/1"
TEMPLATE, PROGRAMME = "/console/care/templates/birthday/zh-CN", "/console/care/programmes/birthday"
WORDS = {
    "begun": "0",
    "known": "0",
    "body": "{customer}，生日快乐！回复1约回电，客服{hotline}。",
    "fallback_customer": "您好",
    "reply_key_0": "1",
    "reply_words_0": "回电",
    "reply_flow_0": "callback",
    "target": "",
    "sample": "0",
    "act": "keep",
}
FORMS: dict[str, tuple[str, str, Form]] = {
    "console.try_password": ("", "/console/login", {"name": "小李", "password": "x", "next": "/console/"}),
    "console.try_code": ("", "/console/login/code", {"code": "123456"}),
    "console.logout": ("auditor", "/console/logout", {}),
    "console.choose_language": ("agent", "/console/language", {"language": "en", "next": "/console/"}),
    "console.choose_theme": ("agent", "/console/theme", {"theme": "dark", "next": "/console/"}),
    "console.status": ("agent", "/console/status", {"status": "away", "next": "/console/"}),
    "console.end_others": ("agent", "/console/account/others", {}),
    "console.change_password": ("agent", "/console/account/password", {"old": "x", "new": "y", "again": "y"}),
    "console.prove_factor": ("agent", "/console/account/factor", {"code": "123456"}),
    "console.drop_factor": ("agent", "/console/account/factor/drop", {"code": "123456"}),
    "console.claim_ticket": ("agent", f"{TICKET}/claim", {}),
    "console.judge": ("agent", f"{TICKET}/judge", {"text": "您好", "kind": "offer"}),
    "console.reply": ("agent", f"{TICKET}/reply", {"text": "您好，请稍等。", "kind": "", "token": "t"}),
    "console.send_guide": ("agent", f"{TICKET}/guide", {"guide": "draw", "text": "您好，请查收。", "token": "g"}),
    "console.add_note": ("agent", f"{TICKET}/note", {"body": "x", "token": "n"}),
    "console.ask_code": ("agent", f"{TICKET}/code", {}),
    "console.reveal": ("agent", f"{TICKET}/reveal", {"fact": "phone"}),
    "console.transfer": ("agent", f"{TICKET}/transfer", {"to": "agent:小周", "note": "x"}),
    "console.take_over": ("supervisor", f"{TICKET}/take-over", {}),
    "console.reassign": ("supervisor", f"{TICKET}/reassign", {"to": "小周"}),
    "console.release": ("agent", f"{TICKET}/release", {"flow": "callback", "slot-from": "x"}),
    "console.close": ("agent", f"{TICKET}/close", {"outcome": "answered", "survey": "yes"}),
    "console.alive": ("agent", "/console/alive", {"ticket": "1", "typing": "1", "left": "0"}),
    "console.callbacks_start": ("agent", f"{CALL}/start", {"day": "2026-06-11"}),
    "console.callbacks_outcome": ("agent", f"{CALL}/outcome", {"outcome": "rebook", "slot": "x", "day": "x"}),
    "console.hours_week": ("operator", "/console/hours/week", {"week_0": "9-12", "making_up": "9-12"}),
    "console.hours_days": (
        "operator",
        "/console/hours/days",
        {"kind": "open", "first": "2026-07-01", "until": "2026-07-02", "periods": "9-12", "note": "x"},
    ),
    "console.hours_days_drop": (
        "operator",
        "/console/hours/days/drop",
        {"first": "2026-07-01", "last": "2026-07-02"},
    ),
    "console.hours_words": (
        "operator",
        "/console/hours/words",
        {"language": "zh-CN", "key": "human.closed", "words": "x", "act": "keep"},
    ),
    "console.hours_words_preview": (
        "operator",
        "/console/hours/words/preview",
        {"language": "zh-CN", "key": "human.closed", "words": "x"},
    ),
    "console.replies_write": (
        "operator",
        "/console/replies",
        {"shortcut": "abc", "language": "zh-CN", "topic": "", "body": "您好。", "fresh": "yes", "act": ""},
    ),
    "console.replies_remove": ("operator", "/console/replies/remove", {"shortcut": "abc", "language": "zh-CN"}),
    "console.replies_restore": ("operator", "/console/replies/restore", {"shortcut": "abc", "language": "zh-CN"}),
    "console.replies_preview": ("operator", "/console/replies/preview", {"language": "zh-CN", "body": "您好"}),
    "console.people_add": (
        "supervisor",
        "/console/people",
        {"name": "新人", "role": "agent", "most_open": "4", "skills": "human", "languages": "en"},
    ),
    "console.people_work": (
        "supervisor",
        "/console/people/2/work",
        {"most_open": "4", "skills": "human", "languages": "en"},
    ),
    "console.people_act": ("supervisor", "/console/people/2/act", {"act": "role", "role": "agent"}),
    "console.settings_routing": ("operator", "/console/settings/routing", {"mode": "free", "seconds": "15"}),
    "console.settings_access": (
        "operator",
        "/console/settings/access",
        {"idle_minutes": "30", "hours": "12", "roles": "agent"},
    ),
    "console.settings_survey": ("operator", "/console/settings/survey", {"survey": "yes"}),
    "console.search_look": (
        "supervisor",
        "/console/search",
        {"q": "8000", "below_inbound": "1", "below_messages": "1"},
    ),
    "console.audit_export": (
        "auditor",
        "/console/audit/export",
        {"actor": "", "action": "", "subject": "", "since": "", "until": ""},
    ),
    "console.templates_draft": ("operator", f"{TEMPLATE}/edit", WORDS),
    "console.templates_preview": ("operator", f"{TEMPLATE}/preview", WORDS),
    "console.templates_judge": ("supervisor", f"{TEMPLATE}/judge", {"act": "retire", "version": "0", "reason": "x"}),
    "console.programmes_dry": ("operator", f"{PROGRAMME}/dry", {"day": "2026-06-10"}),
    "console.programmes_switch": ("operator", f"{PROGRAMME}/switch", {"act": "on", "expected": "2"}),
    "console.plans_start": ("operator", "/console/care/plans", {"scope": "", "sure": "yes"}),
    "console.results_declare": (
        *("operator", "/console/care/results/birthday/trial"),
        {"outcome": "replied", "baseline": "5", "least": "2"},
    ),
    "console.results_resume": (
        *("operator", "/console/care/results/birthday/resume"),
        {"because": "The text was written anew.", "expected": "2"},
    ),
    "console.checks_run": ("operator", "/console/self-check", {}),
}
ASKED = [
    ("agent", "/console/login", ("next",)),
    ("agent", TICKET, ("before", "looks")),
    ("agent", "/console/queue", ("all",)),
    ("agent", "/console/changes", ("after", "since")),
    ("agent", "/console/callbacks", ("day",)),
    ("operator", "/console/replies", ("language", "shortcut")),
    ("operator", "/console/hours", ("day",)),
    ("operator", "/console/care/templates", ("q", "kind", "state")),
    ("auditor", "/console/care/templates/birthday", ("language", "old", "new")),
    ("auditor", "/console/audit", ("actor", "action", "subject", "since", "until", "below", "above")),
]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def desk(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Rig]:
    on_sqlite = request.param == "sqlite"
    rig = Rig(sqlite_url(tmp_path) if on_sqlite else request.getfixturevalue("fresh_postgres_url")(upgrade), clock)
    rig.app.test_client_class = Seat
    yield rig
    rig.close()


@pytest.fixture
def seats(desk: Rig, signed_in: SignedIn, anonymous: Callable[[], Seat]) -> Mapping[str, Seat]:
    """Everybody at work: 小李 holds Ann's ticket and calls Ben."""
    signed_in(name="小周")
    found = {role: signed_in(role) for role in ("agent", "supervisor", "operator", "auditor")} | {"": anonymous()}
    desk.customer(ANN)
    desk.say(ANN, "转人工")
    desk.customer(BEN, "C2")
    desk.say(BEN, "明天下午给我打电话")
    desk.say(BEN, "1")
    desk.clock.set(desk.rows(tables.Callback)[0].starts_at)
    found |= {role: signed_in(role) for role in found if role}
    claim(desk.service, 1, "小李")
    callbacks_called.start(desk.service, 1, "小李")
    return found


def hold(desk: Rig) -> None:
    """小李 has the ticket again, whatever the request before did to it."""
    with desk.service.database.begin() as connection:
        connection.execute(update(tables.Ticket).where(tables.Ticket.id == 1).values(state="claimed", agent="小李"))
        connection.execute(
            update(tables.Conversation).where(tables.Conversation.phone == ANN).values(owner="agent:小李")
        )


def test_every_form_stands_in_the_table() -> None:
    """A new one is put into `FORMS` with the fields that it reads."""
    assert set(FORMS) == {rule.endpoint for rule in RULES if (rule.methods or set()) & CHANGES}


@pytest.mark.parametrize("endpoint", sorted(FORMS))
def test_no_field_of_any_form_breaks_the_service(desk: Rig, seats: Mapping[str, Seat], endpoint: str) -> None:
    role, where, form = FORMS[endpoint]
    broken = []
    for name in form or {"x": ""}:
        for value in HOSTILE:
            hold(desk)
            desk.app.extensions[NAME] = Failures()
            answer = seats[role].post(where, data=form | {name: value})
            answer.close()
            if answer.status_code >= 500:
                broken.append((name, value[:30], answer.status_code))
    assert broken == []


def test_no_address_breaks_the_service(desk: Rig, seats: Mapping[str, Seat]) -> None:
    """Numbers beyond what a database holds name nothing."""
    for rule in RULES:
        roles, where = PERMITTED.get(rule.endpoint), path(rule)
        if "987654" not in where or not roles:
            continue
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        seat = seats[sorted(roles)[0]]
        form = FORMS[rule.endpoint][2] if rule.endpoint in FORMS else {}
        for number in ("0", str(2**31), str(2**63 - 1), str(2**63), "9" * 40, "9" * 5000, "-1"):
            answer = seat.open(where.replace("987654", number), method=method, data=form if form else None)
            assert answer.status_code in {400, 404, 409, 422}, (where, number[:20], answer.status_code)


@pytest.mark.parametrize(("role", "where", "names"), ASKED, ids=[where for _, where, _ in ASKED])
def test_no_question_breaks_the_service(
    desk: Rig, seats: Mapping[str, Seat], role: str, where: str, names: tuple[str, ...]
) -> None:
    broken = []
    for name in names:
        for value in [*HOSTILE, f"{2**63}.{'0' * 8}.0", f"{'9' * 30}.x.1", f"1.x.{'9' * 30}"]:
            for headers in ({}, {"HX-Request": "true"}):
                answer = seats[role].get(where, query_string={name: value}, headers=headers)
                if answer.status_code >= 500:
                    broken.append((name, value[:30], headers, answer.status_code))
        for raw in RAW:
            if seats[role].get(f"{where}?{name}={raw.decode('latin-1')}").status_code >= 500:
                broken.append((name, repr(raw), {}, 500))
    assert broken == []


@pytest.mark.parametrize("raw", RAW, ids=repr)
def test_bytes_that_are_no_text_break_nothing(desk: Rig, seats: Mapping[str, Seat], raw: bytes) -> None:
    for endpoint, (role, where, form) in FORMS.items():
        for name in form:
            body = b"&".join(f"{other}=".encode() + (raw if other == name else b"x") for other in form)
            answer = seats[role].post(where, data=body, content_type="application/x-www-form-urlencoded")
            assert answer.status_code < 500, (endpoint, name)
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x", "application/json", "text/plain; charset=q"):
        answer = seats["agent"].post(f"{TICKET}/note", data=raw, content_type=kind)
        assert answer.status_code < 500, kind


@pytest.mark.parametrize("name", ["HX-Current-URL", "Last-Event-ID", "Accept", "Accept-Language", "Cookie", "Referer"])
def test_no_header_breaks_the_service(
    desk: Rig, seats: Mapping[str, Seat], anonymous: Callable[[], Seat], name: str
) -> None:
    values = [
        "http://[",
        "http://℀.x/".encode().decode("latin-1"),
        "\xff\xfe",
        f"{'9' * 30}.a.1",
        "*/*;q=x,;,=",
        "a" * 9000,
    ]
    for value in values:
        for headers in ({name: value}, {name: value, "HX-Request": "true"}):
            assert anonymous().get("/console/queue", headers=headers).status_code < 500, (name, value[:20])
            assert anonymous().get("/console/login", headers=headers).status_code < 500, (name, value[:20])
            if name != "Cookie":
                stream = seats["agent"].get(
                    "/console/events", headers=headers, query_string={"tab": "x"}, buffered=False
                )
                assert stream.status_code == 200, (name, value[:20])
                assert b"hello" in next(iter(stream.response)), (name, value[:20])
                stream.close()


def test_lists_with_the_same_thing_many_times_are_read_as_once(desk: Rig, seats: Mapping[str, Seat]) -> None:
    much = {"skills": ["human"] * 100, "languages": ["en"] * 100, "most_open": "4"}
    assert seats["supervisor"].post("/console/people/1/work", data=much).status_code == 303
    answer = seats["supervisor"].post("/console/people", data={**much, "name": "新人", "role": "agent"})
    assert answer.status_code == 200
    assert {(row.skills, row.languages) for row in desk.rows(tables.Agent) if row.name == "新人"} == {("human", "en")}


def test_a_choice_brings_one_back_to_an_address_in_any_script(desk: Rig, seats: Mapping[str, Seat]) -> None:
    """A header holds no Chinese: the address travels encoded."""
    back = {"theme": "dark", "next": "/console/queue?x=余额"}
    answer = seats["agent"].htmx("/console/theme", "POST", data=back)
    assert answer.headers["HX-Redirect"] == "/console/queue?x=%E4%BD%99%E9%A2%9D"
