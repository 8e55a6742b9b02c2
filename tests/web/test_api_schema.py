"""The running service against its own OpenAPI document, by schemathesis: what fits it is taken, what does not is
refused, and every answer is one that it names."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode

from app.care.event_kinds import TEXT, kinds
from app.web.api.document import document
from tests.servers.service import Service, running_service

TOKEN = "t" * 32
RULES = """
# Who calls without a token twenty times in a minute is stopped: test_api.py has that.
[checks]
ignored_auth.enabled = false
# Of an unknown customer nothing is kept, and a key may be another event's: no schema can say so.
positive_data_acceptance.expected-statuses = ["200", "207", "409", "422"]
negative_data_rejection.expected-statuses = ["400", "405", "413", "415", "422"]
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    tokens = {"API_TOKENS": f"core:{TOKEN}"}
    with running_service(tmp_path_factory.mktemp("api"), tokens, before=(("migrate",), ("demo-data",))) as running:
        yield running


@pytest.mark.slow
def test_every_answer_is_as_the_document_says(service: Service) -> None:
    (service.folder / "schemathesis.toml").write_text(RULES, encoding="utf-8")
    words = ["run", f"{service.url}/api/v1/openapi.json", "--header", f"Authorization: Bearer {TOKEN}", "--no-color"]
    done = subprocess.run(
        [Path(sys.executable).with_name("schemathesis"), *words, "--seed", "1", "--max-examples", "60"],
        cwd=service.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "Coverage" in done.stdout and "Fuzzing" in done.stdout and "request_failed" not in service.log


def test_what_fits_the_document_is_kept(service: Service) -> None:
    """Events as the document allows them, of a customer who is there, and of this week."""
    told = requests.get(f"{service.url}/api/v1/openapi.json", timeout=60).json()
    operation = schemathesis.openapi.from_dict(told)["/api/v1/events"]["POST"]
    now, known = datetime.now(UTC), customer(service)
    calls = requests.Session()
    calls.trust_env = False

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(
        case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        ago=st.timedeltas(timedelta(0), timedelta(days=7)),
    )
    def tell(case: Any, ago: timedelta) -> None:
        events = case.body.get("events", [case.body])
        for event in events:
            event |= {"customer_id": known, "at": (now - ago).isoformat()}
            event["detail"] = {name: value for name, value in event.get("detail", {}).items() if seen(value)}
        answer = calls.post(
            f"{service.url}/api/v1/events",
            data=json.dumps(case.body),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
            timeout=60,
        )
        told = answer.json()["events"]
        assert {one["outcome"] for one in told} <= {"taken", "known", "conflict"}, told
        assert len(told) == len(events)

    tell()


def customer(service: Service) -> str:
    with closing(sqlite3.connect(service.folder / "huifu.db")) as connection:
        return str(connection.execute("SELECT min(customer_id) FROM customers").fetchone()[0])


def seen(value: Any) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(TEXT, value))


def test_the_document_is_openapi_and_knows_every_kind() -> None:
    told = document("1.0")
    OpenAPIV31SpecValidator(told).validate()
    mapping = told["components"]["schemas"]["Event"]["discriminator"]["mapping"]
    assert set(mapping) == set(kinds())
    for path in mapping.values():
        model = told["components"]["schemas"][path.rpartition("/")[2]]
        assert set(model["required"]) == {"key", "customer_id", "kind", "at"}
        assert model["additionalProperties"] is False and model["properties"]["detail"]["additionalProperties"] is False
