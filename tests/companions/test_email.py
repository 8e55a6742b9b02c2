"""Letters reach a real SMTP server, or it is known for each how it stands."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.companions.email import Post, Smtp, is_address, post_of
from app.companions.port import Letter, Never, NotNow, Outcome, Taken, Unknown
from tests.companions.postbox import PASSWORD, USER, Postbox, certificate, postbox

LETTER = Letter("key-1", "wang@mail.example.cn", "【示例银行】用款", "第一步\n.第二步\n", "<p>第一步</p>", "zh-CN")
NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as found:
        yield found


def send(box: Postbox, letter: Letter = LETTER, **more: object) -> Outcome:
    post = Post("smtp", "127.0.0.1", box.port)
    return Smtp(post, "service@bank.example.cn", "示例银行", clock=lambda: NOW, **more).send(letter)  # type: ignore[arg-type]


def test_a_letter_arrives_whole(box: Postbox) -> None:
    assert send(box) == Taken()
    (letter,) = box.letters
    assert letter["Subject"] == "【示例银行】用款"
    assert letter["From"].addresses[0].display_name == "示例银行"
    assert (letter["From"].addresses[0].addr_spec, letter["To"]) == ("service@bank.example.cn", "wang@mail.example.cn")
    assert letter["Message-ID"] == "<key-1@bank.example.cn>"
    assert letter["Date"].datetime == NOW
    assert letter["Auto-Submitted"] == "auto-replied"
    text, html = (letter.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None and text.get_content().splitlines() == ["第一步", ".第二步"]
    assert html is not None and html.get_content().strip() == "<p>第一步</p>"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 no such user", Never("smtp_550")),
        ("451 4.7.1 greylisted, come back later", NotNow("smtp_451")),
        ("452 4.2.2 mailbox full", NotNow("smtp_452")),
        ("421 4.3.2 shutting down", NotNow("smtp_421", channel=True)),
    ],
)
def test_who_is_refused_hears_whether_later_helps(box: Postbox, answer: str, outcome: Outcome) -> None:
    box.at_rcpt = answer
    assert send(box) == outcome
    assert box.letters == []


@pytest.mark.parametrize(
    ("answer", "outcome"), [("554 5.7.1 spam", Never("smtp_554")), ("451 4.3.0 try again", NotNow("smtp_451"))]
)
def test_a_refusal_after_the_words_is_certain_too(box: Postbox, answer: str, outcome: Outcome) -> None:
    box.at_data = answer
    assert send(box) == outcome


def test_of_a_server_that_is_gone_after_the_words_nobody_can_tell(box: Postbox) -> None:
    box.hangs_up = True
    assert send(box) == Unknown("no_answer")
    assert len(box.letters) == 1


def test_nor_of_one_that_says_nothing_more(box: Postbox) -> None:
    box.sleeps = True
    assert send(box, timeout_seconds=3.0) == Unknown("no_answer")
    assert len(box.letters) == 1


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        gone = Postbox(port=taken.getsockname()[1])
        assert send(gone) == NotNow("no_connection", channel=True)


def test_one_that_listens_and_never_speaks() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        assert send(Postbox(port=mute.getsockname()[1]), timeout_seconds=0.3) == NotNow("no_connection", channel=True)


@pytest.mark.parametrize(
    "address", ["", "王@bank.cn", "a b@bank.cn", "w@bank", "w@bank.cn\r\nBcc: all@bank.cn", "a@b.cn,c@d.cn", "<a@b.cn>"]
)
def test_what_is_no_plain_address_is_written_to_nobody(box: Postbox, address: str) -> None:
    assert not is_address(address)
    letter = Letter("key", address, "s", "t", "<p>t</p>", "en")
    assert send(box, letter) == Never("address")
    assert box.asked == 0


# ---- TLS ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    folder: Path = tmp_path_factory.mktemp("tls")
    return certificate(folder)


@pytest.mark.parametrize("scheme", ["starttls", "smtps"])
def test_with_tls_and_a_password(trusted: tuple[ssl.SSLContext, ssl.SSLContext], scheme: str) -> None:
    ours, theirs = trusted
    with postbox(ours, scheme) as box:
        post = post_of(f"{scheme}://{USER}:only%20for%2Ftests%40@localhost:{box.port}")
        assert post.password == PASSWORD
        mailer = Smtp(post, "service@bank.cn", "Bank", clock=lambda: NOW, trust=lambda: theirs)
        assert mailer.send(LETTER) == Taken()
        assert len(box.letters) == 1
        # A certificate that nobody vouches for, and a wrong password: nothing is sent, and the channel rests.
        stranger = Smtp(post, "service@bank.cn", "Bank", clock=lambda: NOW)
        assert stranger.send(LETTER) == NotNow("certificate", channel=True)
        wrong = Post(scheme, "localhost", box.port, USER, "guessed")
        locked = Smtp(wrong, "service@bank.cn", "Bank", clock=lambda: NOW, trust=lambda: theirs)
        assert locked.send(LETTER) == NotNow("smtp_535", channel=True)
        assert len(box.letters) == 1


def test_starttls_is_not_given_up_when_the_server_has_none(box: Postbox) -> None:
    post = Post("starttls", "127.0.0.1", box.port)
    outcome = Smtp(post, "service@bank.cn", "Bank", clock=lambda: NOW).send(LETTER)
    assert outcome == NotNow("not_supported", channel=True)
    assert box.letters == []


@pytest.mark.parametrize(
    ("url", "post"),
    [
        ("smtp://relay", Post("smtp", "relay", 25)),
        ("starttls://u:p@mail.bank.cn", Post("starttls", "mail.bank.cn", 587, "u", "p")),
        ("smtps://u:p%40@mail.bank.cn:4650", Post("smtps", "mail.bank.cn", 4650, "u", "p@")),
        ("smtp://u:p@localhost:2525", Post("smtp", "localhost", 2525, "u", "p")),
    ],
)
def test_addresses_are_read(url: str, post: Post) -> None:
    assert post_of(url) == post


def test_a_password_is_in_no_print() -> None:
    assert "hush" not in repr(post_of("smtps://us:hush@mail.bank.cn"))
