"""The proxy as it is shipped, run: what it publishes, what it hides, and that it changes nothing on the way."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from app import create_app
from app.config import load_settings
from app.handlers.demo_agents import DEMO_PASSWORD
from app.web.webhooks import PREFIX
from tests.deploy.paper import DEPLOY, manifests, tool
from tests.servers.service import Service, free_port, running_service

PUBLISHED = {"/webhooks", "/console", "/bootstrap/static", "/r", "/api/v1"}
HIDDEN = {"/metrics", "/health", "/phone"}
TOKEN = "t" * 32


class Front:
    """A running Caddy with the shipped file, before one process that is gone and one that serves."""

    def __init__(self, url: str, service: Service) -> None:
        self.url = url
        self.service = service
        self.people = requests.Session()
        self.people.trust_env = False

    def get(self, path: str, **options: object) -> requests.Response:
        return self.people.get(self.url + path, timeout=60, allow_redirects=False, **options)  # type: ignore[arg-type]

    def sign_in(self, password: str, **headers: str) -> requests.Response:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/console/login").text)
        assert token
        form = {"name": "小李", "password": password, "csrf_token": token[1]}
        return self.people.post(
            f"{self.url}/console/login", data=form, headers=headers, timeout=60, allow_redirects=False
        )


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("front")
    url = f"http://127.0.0.1:{free_port()}"
    settings = {"PUBLIC_URL": url, "TRUSTED_PROXIES": "1", "API_TOKENS": f"core:{TOKEN}"}
    with running_service(folder, settings, before=(("migrate",), ("demo-data",))) as service:
        caddy = start(folder, url, f"127.0.0.1:{free_port()} {service.url.removeprefix('http://')}")
        try:
            until(lambda: answers(f"{url}/console/login"))
            yield Front(url, service)
        finally:
            caddy.send_signal(signal.SIGTERM)
            caddy.wait(60)


def start(folder: Path, site: str, web: str) -> subprocess.Popen[bytes]:
    program = Path(sys.executable).with_name("caddy")
    own = {"HUIFU_SITE": site, "HUIFU_WEB": web, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    return subprocess.Popen(
        [program, "run", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile"],
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **own},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=60).status_code == 200
    except OSError:
        return False


def reaches(url: str) -> bool:
    try:
        return requests.get(url, timeout=60, allow_redirects=False).status_code > 0
    except OSError:
        return False


def until(there: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.05)  # another process is being waited for: there is no clock to move


def test_caddy_takes_the_file_and_refuses_a_broken_one(tmp_path: Path) -> None:
    words = ("validate", "--adapter", "caddyfile", "--config")
    given = {"HUIFU_SITE": "sms.bank.example", "HUIFU_WEB": "127.0.0.1:8001 127.0.0.1:8002"}
    home = {"XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    assert tool("caddy", *words, DEPLOY / "Caddyfile", **given, **home)[0] == 0
    broken = tmp_path / "Caddyfile"
    broken.write_text((DEPLOY / "Caddyfile").read_text(encoding="utf-8").replace("lb_policy", "lb_polity"))
    code, said = tool("caddy", *words, broken, **given, **home)
    assert code != 0 and "lb_polity" in said


def test_every_path_of_the_service_is_decided() -> None:
    """A new face must be put on one of the two lists, and into the files when it is to be seen."""
    app = create_app(load_settings({"database_url": "sqlite://"}))
    rules = {str(rule) for rule in app.url_map.iter_rules()} | {PREFIX}
    decided = PUBLISHED | HIDDEN
    assert [rule for rule in sorted(rules) if not any(f"{rule}/".startswith(f"{one}/") for one in decided)] == []
    assert [one for one in decided if not any(f"{rule}/".startswith(f"{one}/") for rule in rules)] == []


def test_kubernetes_publishes_the_same() -> None:
    (ingress,) = manifests("Ingress")
    (host,) = ingress["spec"]["rules"]
    assert {path["path"] for path in host["http"]["paths"]} == PUBLISHED
    assert {path["pathType"] for path in host["http"]["paths"]} == {"Prefix"}


def test_what_is_published_reaches_the_service(front: Front) -> None:
    assert front.get("/webhooks/simulator/inbound").status_code == 403, "asked, and refused for want of a signature"
    assert front.get("/console/login").status_code == 200
    assert front.get("/console/queue").status_code in {302, 303}, "to the sign-in, by the service"
    style = re.search(r'href="(/bootstrap/static/[^"]+[.]css[^"]*)"', front.get("/console/login").text)
    assert style and front.get(style[1]).status_code == 200
    assert front.get("/").headers["Location"] == "/console/"
    assert front.get("/r/11111111111").status_code == 404 and "95500" in front.get("/r/11111111111").text
    assert front.get("/api/v1/openapi.json").json()["openapi"].startswith("3.1")
    assert "Server" not in front.get("/console/login").headers


def test_a_thousand_events_pass_and_a_text_of_that_size_does_not(front: Front) -> None:
    body = b"[" + b" " * 900_000 + b"]"
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    told = front.people.post(f"{front.url}/api/v1/events", data=body, headers=headers, timeout=60)
    assert (told.status_code, told.json()["type"]) == (400, "urn:huifu:problem:not-an-object"), "read to its end"
    for path, much in (("/api/v1/events", body * 2), ("/console/login", body), ("/webhooks/twilio/inbound", body)):
        assert front.people.post(front.url + path, data=much, headers=headers, timeout=60).status_code == 413, path


def test_what_is_too_large_reaches_no_process(front: Front) -> None:
    """One that refuses before it has read to the end hangs up, and the caller would hear 502. Here nobody listens."""
    nobody = f"http://127.0.0.1:{free_port()}"
    caddy = start(front.service.folder, nobody, f"127.0.0.1:{free_port()}")
    try:
        until(lambda: reaches(nobody))
        for path, size in (("/api/v1/events", 1_000_001), ("/console/login", 256_001), ("/r/11111111111", 256_001)):
            assert front.people.post(nobody + path, data=b" " * size, timeout=60).status_code == 413, path
        assert front.people.post(f"{nobody}/api/v1/events", data=b" " * 256_001, timeout=60).status_code == 502
    finally:
        caddy.send_signal(signal.SIGTERM)
        caddy.wait(60)


@pytest.mark.parametrize("path", ["/metrics", "/health/live", "/health/ready", "/phone/", "/phone/api/texts"])
def test_what_is_hidden_stays_inside(front: Front, path: str) -> None:
    inside = requests.get(front.service.url + path, timeout=60)
    assert inside.status_code != 404, "it is there"
    for way in (path, f"/console/..{path}", f"//{path.strip('/')}", path.upper()):
        asked = requests.Request("GET", front.url).prepare()
        asked.url = front.url + way
        assert front.people.send(asked, timeout=60, allow_redirects=False).status_code in {308, 404}, way


def test_people_are_known_by_their_own_address(front: Front) -> None:
    """TRUSTED_PROXIES=1 takes what the proxy says; what a stranger says of himself the proxy does not pass on."""
    assert front.sign_in("not the password", **{"X-Forwarded-For": "203.0.113.9"}).status_code != 302
    with closing(sqlite3.connect(front.service.folder / "huifu.db")) as connection:
        found = connection.execute("SELECT address FROM audit WHERE action = 'session.refuse'").fetchall()
    assert found == [("127.0.0.1",)]


def test_a_page_hears_at_once(front: Front) -> None:
    """The stream of events never ends by itself: a proxy that collects it would say nothing at all."""
    assert front.sign_in(DEMO_PASSWORD).status_code in {302, 303}
    with front.get("/console/events?tab=one", stream=True) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        said = next(line for line in answer.iter_lines() if line.startswith(b"event:"))
        assert said == b"event: hello"
