"""`huifu customers import` and `huifu demo-data` end to end, each in a process of its own."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from app.handlers.care.events import read as read_event
from app.handlers.care.events_file import Row as EventRow
from app.handlers.care.events_file import read as read_events
from app.handlers.customers_file import Row, read
from app.handlers.demo_customers import demo_customers, demo_events
from app.store.database import Database
from app.store.migrate import upgrade
from app.store.tables import Consent, Customer, PhoneBinding
from tests.servers.service import CHECKOUT, COMMAND, INHERITED

HEADER = "phone,customer_id,name,credit_limit,marketing_consent,shoe_size\n"
FILE = HEADER + "15400000001,C1,王建国,50000.00,yes,43\n15400000002,C2,李娜,plenty,no,38\n+12025550123,C3,,,,\n"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("fresh_postgres_url")(upgrade))
    url = f"sqlite:///{tmp_path}/huifu.db"
    upgrade(url)
    return url


@pytest.fixture
def run(tmp_path: Path, url: str) -> Run:
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    environment |= {"PYTHONPATH": str(CHECKOUT), "DATABASE_URL": url, "PYTHONUTF8": "1"}

    def run(*words: str, **options: object) -> subprocess.CompletedProcess[str]:
        settings = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, **options}
        return subprocess.run([*COMMAND, *words], cwd=tmp_path, env=environment, check=False, **settings)  # type: ignore[call-overload,no-any-return]

    return run


def counts(url: str) -> list[int]:
    database = Database(url, threads=1)
    with database.begin() as connection:
        tables = (Customer, PhoneBinding, Consent)
        found = [connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables]
    database.close()
    return found


def test_good_rows_go_in_and_the_bad_one_is_told_with_its_line(run: Run, url: str, tmp_path: Path) -> None:
    (tmp_path / "bank.csv").write_text(FILE, encoding="utf-8-sig")
    done = run("customers", "import", "bank.csv")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "bank.csv: columns that are not read: shoe_size",
        "bank.csv:3: credit_limit must be an amount in yuan like 5360.00, without separators and unit",
    ]
    assert done.stdout.startswith("2 of 3 rows taken in ")
    assert "2 new, 0 changed, 0 as before." in done.stdout
    assert counts(url) == [2, 2, 1]


def test_a_script_reads_the_result_and_the_second_time_changes_nothing(run: Run, url: str, tmp_path: Path) -> None:
    (tmp_path / "bank.csv").write_text(FILE, encoding="utf-8")
    first = json.loads(run("customers", "import", "--json", "bank.csv").stdout)
    second = json.loads(run("customers", "import", "--json", "bank.csv").stdout)
    assert first["faults"] == second["faults"]
    assert [fault["line"] for fault in first["faults"]] == [3]
    assert first["unknown_columns"] == ["shoe_size"]
    told = ("rows", "bad", "created", "unchanged", "bound", "granted")
    assert [first[name] for name in told] == [3, 1, 2, 0, 2, 1]
    assert [second[name] for name in told] == [3, 1, 0, 2, 0, 0]
    assert counts(url) == [2, 2, 1]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ((HEADER + "15400000001,C1,王建国,,,\n").encode("gbk"), "bank.csv is not UTF-8 but GBK; save it as CSV UTF-8"),
        (b"name,phone\n", "The header has no column customer_id."),
        (b"", "The file is empty."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(
    run: Run, url: str, tmp_path: Path, content: bytes, sentence: str
) -> None:
    (tmp_path / "bank.csv").write_bytes(content)
    done = run("customers", "import", "bank.csv")
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1
    assert counts(url) == [0, 0, 0]


def test_a_file_that_is_not_there_is_a_misuse(run: Run) -> None:
    assert run("customers", "import", "nowhere.csv").returncode == 2


def test_a_terminal_sees_a_bar(run: Run, tmp_path: Path) -> None:
    rows = (f"154{n:08d},C{n},王建国,1.00,no,\n" for n in range(5_000))
    (tmp_path / "bank.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    shown = terminal(run, "customers", "import", "bank.csv")
    assert "1001/5001" in shown


def terminal(run: Run, *words: str) -> str:
    """What a command shows on a terminal beside its output."""
    ours, theirs = pty.openpty()
    with ThreadPoolExecutor(1) as reader:
        read = reader.submit(lambda: b"".join(iter(lambda: _chunk(ours), b"")))
        done = run(*words, capture_output=False, stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        assert done.returncode == 0
        return read.result().decode()


def _chunk(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux tells that the other end was closed
        return b""


# ---- demo customers ----------------------------------------------------------------------------------------


def test_demo_customers_come_once(run: Run, url: str) -> None:
    first = run("demo-data")
    assert (first.returncode, first.stderr) == (0, "")
    before = counts(url)
    *cast, people = first.stdout.splitlines()
    assert before[0] == len(cast) >= 12
    assert "小李 (agent)" in people
    again = json.loads(run("demo-data", "--json").stdout)
    assert again["unchanged"] == before[0]
    assert again["events"] == 7
    assert counts(url) == before


@pytest.mark.parametrize("today", [date(2026, 11, 22), date(2028, 2, 29)])
def test_demo_customers_are_good_rows_on_any_day(today: date) -> None:
    demo = demo_customers(today)
    rows = list(read(demo.lines)[1])
    assert all(isinstance(row, Row) for row in rows)
    found = {situation: row.facts for row, (_, situation) in zip(rows, demo.cast, strict=True) if isinstance(row, Row)}
    assert found["quota active"]["limit_expires_on"] > today  # type: ignore[operator]
    assert found["quota expired"]["limit_expires_on"] < today  # type: ignore[operator]
    assert found["overdue"]["due_on"] == today - timedelta(days=found["overdue"]["overdue_days"])  # type: ignore[arg-type]
    assert found["nothing due"]["amount_due"] is None
    assert found["settled"]["settled_on"] < today  # type: ignore[operator]
    assert found["English speaker"]["language"] == "en"
    birthday = found["nothing due"]["birthday"]
    assert (birthday.month, birthday.day) == (today.month, today.day)  # type: ignore[union-attr]
    assert found["business owner"]["loan_product"] == "business"
    assert (today - found["information update due"]["info_updated_on"]).days >= 365  # type: ignore[operator]
    shared = [phone for phone, situation in demo.cast if situation == "shares a number"]
    assert len(shared) == 2
    assert len(set(shared)) == 1


@pytest.mark.parametrize("today", [date(2026, 11, 22), date(2028, 2, 29)])
def test_demo_events_are_good_rows_of_demo_customers_on_any_day(today: date) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    rows = list(read_events(demo_events(today, zone))[1])
    events = [read_event(row.event) for row in rows if isinstance(row, EventRow)]
    assert len(events) == len(rows) and all(event for event, _ in events)
    customers = {row.customer_id for row in read(demo_customers(today).lines)[1] if isinstance(row, Row)}
    first = datetime(today.year, today.month, today.day, tzinfo=zone)
    assert all(event.customer_id in customers and event.at < first for event, _ in events if event)


def test_demo_customers_do_not_mix_with_a_banks(run: Run, url: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "GATEWAY=twilio\nTWILIO_ACCOUNT_SID=AC0\nTWILIO_AUTH_TOKEN=t\nTWILIO_FROM=+15005550006\n"
        "PUBLIC_URL=https://sms.example.com\nSECRET_KEY=key\n"
    )
    assert run("demo-data").stdout == "No demo customers with GATEWAY=twilio.\n"
    assert counts(url) == [0, 0, 0]
