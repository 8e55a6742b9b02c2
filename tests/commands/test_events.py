"""`huifu events import` end to end, in a process of its own."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from app.store.database import Database
from app.store.migrate import upgrade
from app.store.tables import Customer, CustomerEvent
from tests.servers.service import CHECKOUT, COMMAND, INHERITED

YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="seconds")
HEADER = "at,Key,customer_id,kind,amount,term,page,shoe_size\n"
FILE = HEADER + (
    f"{YESTERDAY},k1,C1,drawn,5000.00,,,43\n"
    f"{YESTERDAY},k2,C1,flown,,,,\n"
    f"{YESTERDAY},k3,C1,applied,,12,,\n"
    ",,,,,,,\n"
    f"{YESTERDAY},k4,C9,drawn,,,,\n"
    f'{YESTERDAY},k5,C1,page_viewed,,,"贷款, 首页",\n'
    f"{YESTERDAY},k6,C1,page_viewed,,12,,\n"
    "2026-06-09 10:00,k7,C1,drawn,,,,\n"
    f"{YESTERDAY},k1,C1,repaid,,,,\n"
    f'{YESTERDAY},k8,"C1\n'
    f"{YESTERDAY},k9,C1,applied,,1200,,\n"
)

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        url = str(request.getfixturevalue("fresh_postgres_url")(upgrade))
    else:
        url = f"sqlite:///{tmp_path}/huifu.db"
        upgrade(url)
    database = Database(url, threads=1)
    with database.begin() as connection:
        connection.execute(insert(Customer).values(customer_id="C1"))
    database.close()
    return url


@pytest.fixture
def run(tmp_path: Path, url: str) -> Run:
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    environment |= {"PYTHONPATH": str(CHECKOUT), "DATABASE_URL": url, "PYTHONUTF8": "1"}

    def run(*words: str, **options: object) -> subprocess.CompletedProcess[str]:
        settings = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, **options}
        return subprocess.run([*COMMAND, *words], cwd=tmp_path, env=environment, check=False, **settings)  # type: ignore[call-overload,no-any-return]

    return run


def kept(url: str) -> list[tuple[str, str, dict[str, object], str]]:
    database = Database(url, threads=1)
    columns = (CustomerEvent.event_key, CustomerEvent.kind, CustomerEvent.detail, CustomerEvent.source)
    with database.begin() as connection:
        found = [tuple(row) for row in connection.execute(select(*columns).order_by(CustomerEvent.event_key))]
    database.close()
    return found  # type: ignore[return-value]


def test_good_rows_go_in_and_each_bad_one_is_told_with_its_line(run: Run, url: str, tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(FILE, encoding="utf-8-sig")
    done = run("events", "import", "events.csv")
    assert done.returncode == 1
    told = done.stderr.splitlines()
    assert told[0] == "events.csv: columns that are not read: shoe_size"
    assert [line.partition(" ")[0] for line in told[1:]] == [f"events.csv:{line}:" for line in (3, 6, 8, 9, 10, 11, 12)]
    assert told[1].startswith("events.csv:3: kind must be one of page_viewed")
    assert told[2] == "events.csv:6: customer_id is not known here; import the customer first."
    assert told[3] == "events.csv:8: detail has a field that page_viewed does not have; it has: page, product."
    assert "with its zone" in told[4]
    assert told[5] == "events.csv:10: key belongs to another event; each event has a key of its own."
    assert "quotation mark" in told[6] and "number of months" in told[7]
    assert done.stdout.startswith("3 of 10 events taken in ") and "7 rows were not taken: see above." in done.stdout
    assert kept(url) == [
        ("k1", "drawn", {"amount": "5000.00"}, "file events.csv"),
        ("k3", "applied", {"term": 12}, "file events.csv"),
        ("k5", "page_viewed", {"page": "贷款, 首页"}, "file events.csv"),
    ]


def test_the_same_file_twice_changes_nothing_and_a_script_reads_the_result(run: Run, url: str, tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(FILE, encoding="utf-8")
    first = json.loads(run("events", "import", "--json", "events.csv").stdout)
    rows = kept(url)
    second = json.loads(run("events", "import", "--json", "events.csv").stdout)
    assert [first[name] for name in ("rows", "taken", "known", "bad")] == [10, 3, 0, 7]
    assert [second[name] for name in ("rows", "taken", "known", "bad")] == [10, 0, 3, 7]
    assert first["faults"] == second["faults"] and first["unknown_columns"] == ["shoe_size"]
    assert kept(url) == rows


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b"key;customer_id;kind;at\n", "has no column key and no column customer_id"),
        (b"key,customer_id,kind\n", "The header has no column at."),
        (b"key,key,customer_id,kind,at\n", "The header has the column key twice."),
        ("key,customer_id,kind,at\n银行".encode("gb18030"), "is not UTF-8 but GBK; save it as CSV UTF-8"),
        ("key,customer_id,kind,at\n".encode("utf-16"), "is UTF-16"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_why(run: Run, url: str, tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "events.csv").write_bytes(content)
    done = run("events", "import", "events.csv")
    assert done.returncode == 1 and said in done.stderr
    assert kept(url) == []


def test_a_long_file_shows_its_progress(run: Run, url: str, tmp_path: Path) -> None:
    rows = (f"k{number},C1,app_opened,{YESTERDAY}\n" for number in range(2500))
    (tmp_path / "events.csv").write_text("key,customer_id,kind,at\n" + "".join(rows), encoding="utf-8")
    ours, theirs = pty.openpty()
    done = run("events", "import", "events.csv", capture_output=False, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    seen = b""
    while len(seen) < 1_000_000:
        try:
            seen += os.read(ours, 65536)
        except OSError:  # the terminal has no other end any more
            break
    os.close(ours)
    assert done.returncode == 0 and done.stdout.startswith("2,500 of 2,500 events taken")
    assert b"rows" in seen and b"2501/2501" in seen
    assert len(kept(url)) == 2500
