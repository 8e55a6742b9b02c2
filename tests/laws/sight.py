"""What the checker looks at: any database by plain SQL, and the file of the simulated network."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text


class Sight:
    """Reads only, from any thread."""

    def __init__(self, url: str, network: Path) -> None:
        self._engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        self._file = sqlite3.connect(network, timeout=60, isolation_level=None, check_same_thread=False)
        self._file.row_factory = sqlite3.Row
        self._lock = threading.Lock()

    def close(self) -> None:
        self._engine.dispose()
        self._file.close()

    def rows(self, statement: str, **values: Any) -> Sequence[Any]:
        """Of the database."""
        with self._engine.connect() as connection:
            return connection.execute(text(statement), values).all()

    def network(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._file.execute(statement, values).fetchall()

    def newest(self) -> int:
        """The id of the last text on the network, either way: what comes later has a higher one."""
        return int(self.network("SELECT coalesce(max(id), 0) AS newest FROM text")[0]["newest"])

    def outbound(self) -> list[dict[str, Any]]:
        """Texts of ours that the network took; `message` is our id, as the callback URL says it."""
        found = self.network("SELECT * FROM text WHERE to_handset AND status_url IS NOT NULL ORDER BY id")
        return [{**row, "message": int(row["status_url"].rpartition("/")[2])} for row in found]


def detail_of(kept: Any) -> dict[str, Any]:
    """JSON columns come as text from SQLite."""
    found: dict[str, Any] = json.loads(kept) if isinstance(kept, str) else kept
    return found


def path_of(kept: Any) -> Sequence[str]:
    """The steps that a turn went through, from its trace."""
    found: Sequence[str] = detail_of(kept).get("path", [])
    return found


def moment(value: Any) -> datetime:
    """Aware, whatever the database or the network calls a moment."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return datetime.fromisoformat(value).replace(tzinfo=UTC)
