"""Who may use the phone page: this machine's own browser on its own page, and only on the simulated network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.gateways.network import Network
from app.web.phone.words import LANGUAGES, words
from tests.clock import Clock
from tests.rig import Rig
from tests.web.line import Line

PHONE = "+8615400000001"
OWN = "http://bank.test"


@pytest.fixture
def rig(tmp_path: Path, clock: Clock) -> Iterator[Rig]:
    built = Rig(f"sqlite:///{tmp_path / 'rig.db'}", clock)
    yield built
    built.close()


@pytest.fixture
def web(rig: Rig) -> FlaskClient:
    return rig.app.test_client()


def send(web: FlaskClient, body: object = None, base: str = OWN, **headers: str) -> int:
    asked = {"phone": PHONE, "bodies": ["额度"]} if body is None else body
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.post("/phone/api/texts", json=asked, base_url=base, headers=named).status_code


def sent(network: Network) -> int:
    return len(network.texts(PHONE))


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec_Fetch_Site": "same-origin", "Origin": OWN}, {"Origin": OWN}],
    ids=["a program", "today's browsers", "older browsers"],
)
def test_its_own_page_may_text(web: FlaskClient, rig: Rig, headers: dict[str, str]) -> None:
    assert send(web, **headers) == 202
    assert sent(rig.network) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "same-site", "Origin": "http://other.bank.test"},
        {"Sec_Fetch_Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://bank.test:81"},
        {"Origin": "null"},
    ],
)
def test_another_site_may_not(web: FlaskClient, rig: Rig, headers: dict[str, str]) -> None:
    assert send(web, **headers) == 403
    assert sent(rig.network) == 0


@pytest.mark.parametrize("base", ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_this_machine_is_known_by_its_usual_names(web: FlaskClient, base: str) -> None:
    assert send(web, base=base) == 202


@pytest.mark.parametrize(
    "base", ["http://evil.example", "http://127.0.0.1.evil.example", "http://localhost.evil.example"]
)
def test_a_foreign_name_that_leads_here_is_refused(web: FlaskClient, base: str) -> None:
    assert send(web, base=base) == 403
    assert web.get(f"/phone/api/texts?phone=%2B{PHONE[1:]}", base_url=base).status_code == 403
    assert web.get("/phone/", base_url=base).status_code == 403


def test_a_form_cannot_text(web: FlaskClient, rig: Rig) -> None:
    answer = web.post("/phone/api/texts", data={"phone": PHONE, "bodies": "额度"}, base_url=OWN)
    assert answer.status_code == 415
    assert sent(rig.network) == 0


@pytest.mark.parametrize(
    "asked",
    [
        [],
        {},
        {"phone": "hello", "bodies": ["额度"]},
        {"phone": PHONE, "bodies": []},
        {"phone": PHONE, "bodies": "额度"},
        {"phone": PHONE, "bodies": [""]},
        {"phone": PHONE, "bodies": [7]},
        {"phone": PHONE, "bodies": ["\ud800"]},
        {"phone": PHONE, "bodies": ["额" * 1601]},
        {"phone": PHONE, "bodies": ["额度"] * 6},
        {"phone": PHONE, "bodies": ["额度"], "copies": 3},
        {"phone": PHONE, "bodies": ["额度"], "copies": [1]},
        {"phone": PHONE, "bodies": ["额度"], "copies": 1.0},
    ],
)
def test_what_makes_no_sense_is_refused(web: FlaskClient, rig: Rig, asked: object) -> None:
    assert send(web, asked) == 400
    assert sent(rig.network) == 0


def test_unknown_faults_are_refused(web: FlaskClient) -> None:
    for fault in (None, "", "earthquake", ["silent"]):
        asked = {"phone": PHONE, "fault": fault}
        assert web.post("/phone/api/faults", json=asked, base_url=OWN).status_code == 400


def test_a_handset_that_is_off_sends_nothing(web: FlaskClient, rig: Rig) -> None:
    rig.network.switch(PHONE, False)
    assert send(web) == 409


def test_nothing_from_elsewhere_runs_on_the_page(web: FlaskClient) -> None:
    answer = web.get("/phone/?phone=%22%3E%3Cscript%3E", base_url=OWN)
    assert "default-src 'none'; script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "<script>" not in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


def test_unchanged_threads_cost_one_line(web: FlaskClient, rig: Rig) -> None:
    rig.text(PHONE, "额度")
    address = f"/phone/api/texts?phone=%2B{PHONE[1:]}"
    found = web.get(address, base_url=OWN).get_json()
    assert [text["body"] for text in found["texts"]] == ["额度"]
    again = web.get(f"{address}&after={found['revision']}", base_url=OWN).get_json()
    assert again == {"revision": found["revision"]}
    rig.pump()
    assert "texts" in web.get(f"{address}&after={found['revision']}", base_url=OWN).get_json()


def test_a_real_gateway_has_no_phone_page(line: Line) -> None:
    assert line.app.test_client().get("/phone/").status_code == 404


def test_both_languages_have_the_same_words() -> None:
    def keys(table: object, path: str = "") -> set[str]:
        if not isinstance(table, dict):
            return {path}
        return set().union(*(keys(value, f"{path}.{name}") for name, value in table.items()))

    first, *others = (keys(words(language)) for language in LANGUAGES)
    assert all(other == first for other in others)
