"""`huifu self-check` and `huifu senders` at the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from tests.companions.postbox import certificate

Huifu = Callable[..., Result]


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/info" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The bank's site on this machine, and the certificate to trust for it."""
    folder = tmp_path_factory.mktemp("pages")
    context, _ = certificate(folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"https://localhost:{server.server_port}", folder / "cert.pem"
        server.shutdown()
        thread.join()


@pytest.fixture
def huifu(tmp_path: Path, pages: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> Huifu:
    site, trusted = pages
    monkeypatch.setenv("INFO_LINK", f"{site}/info")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    monkeypatch.setenv("NO_PROXY", "localhost")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'bank.db'}")
    monkeypatch.setenv("GATEWAY", "twilio")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "0" * 32)
    monkeypatch.setenv("TWILIO_FROM", "+15005550006")
    monkeypatch.setenv("PUBLIC_URL", "https://sms.bank.example")
    monkeypatch.setenv("SECRET_KEY", "x" * 32)

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, words)

    assert run("migrate").exit_code == 0
    return run


def test_a_number_that_is_not_on_file_is_bad(huifu: Huifu) -> None:
    told = huifu("self-check")
    assert told.exit_code == 1
    assert "+15005550006" in told.output and "huifu senders add" in told.output


def test_when_all_is_well_a_script_reads_it(huifu: Huifu) -> None:
    put = huifu("senders", "add", "+15005550006", "--to", "示例银行", "--registration", "17", "--expires", "2099-12-31")
    assert put.exit_code == 0 and "until 2099-12-31" in put.output
    told = huifu("self-check", "--json")
    assert told.exit_code == 0
    report = json.loads(told.stdout)
    assert report["verdict"] == "good"
    assert report["checks"]["opt_out"]["looked"] > 50


def test_a_page_that_is_gone_is_named(huifu: Huifu, pages: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    gone = f"{pages[0]}/gone"
    monkeypatch.setenv("INFO_LINK", gone)
    links = json.loads(huifu("self-check", "--json").stdout)["checks"]["links"]
    assert links["problems"] == [["link_dead", f"{gone}: HTTP 404", "warnings"]]


def test_the_file_can_be_read_and_changed(huifu: Huifu) -> None:
    huifu("senders", "add", "95588", "--to", "示例银行", "--expires", "2027-01-31", "--from", "2026-01-01")
    huifu("senders", "add", "95588", "--to", "示例银行", "--expires", "2028-01-31")
    rows = [json.loads(line) for line in huifu("senders", "list", "--json").stdout.splitlines()]
    assert [(row["number"], row["from"], row["expires"]) for row in rows] == [("95588", "", "2028-01-31")]
    assert "95588" in huifu("senders", "list").output
    assert huifu("senders", "remove", "95588").exit_code == 0
    again = huifu("senders", "remove", "95588")
    assert again.exit_code == 1 and "is not on file" in again.output
    assert "No number is on file" in huifu("senders", "list").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("abc", "--to", "x"), "NUMBER"),
        (("12", "--to", "x"), "NUMBER"),
        (("95588",), "--to"),
        (("95588", "--to", "x", "--expires", "soon"), "--expires"),
        (("95588", "--to", "x", "--from", "2027-01-02", "--expires", "2027-01-01"), "--expires"),
    ],
)
def test_a_wrong_entry_is_named(huifu: Huifu, words: tuple[str, ...], said: str) -> None:
    told = huifu("senders", "add", *words)
    assert told.exit_code == 2 and said in told.output
