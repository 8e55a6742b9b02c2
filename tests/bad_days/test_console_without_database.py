"""The database is gone while people work at the console: each page shows a sentence, and works again afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.handlers.accounts.standing import standing
from app.store import tables
from app.web.console.doors import new_session
from tests.clock import Clock
from tests.handlers.staff import hire
from tests.handlers.talk import only
from tests.rig import Rig, sqlite_url


@pytest.mark.parametrize("path", ["/console/", "/console/account", "/console/login"])
def test_a_page_says_it_in_a_sentence(tmp_path: Path, clock: Clock, path: str) -> None:
    rig = Rig(sqlite_url(tmp_path), clock)
    hire(rig, "li")
    held = standing(rig.service, only(rig.rows(tables.Agent)).id)
    assert held is not None
    seat = rig.app.test_client()
    with seat.session_transaction() as session:
        session.update(new_session(held, clock()))
    before = seat.get(path).status_code
    rig.service.database.close()
    file, aside = tmp_path / "rig.db", tmp_path / "aside.db"
    file.rename(aside)
    file.mkdir()
    answer = seat.get(path)
    assert answer.status_code == 500
    assert "系统出了点问题" in answer.text
    assert "Traceback" not in answer.text
    file.rmdir()
    aside.rename(file)
    assert seat.get(path).status_code == before
    rig.close()
