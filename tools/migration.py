"""Writes the next migration from what has changed in `app/store/tables/`: `python -m tools.migration "WHAT IT DOES"`.

Read what it wrote before you keep it: a renamed column looks like one dropped and one added, and check
constraints and the conditions of indexes are not compared at all (a test compares them).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from app.store import migrate


def main(message: str) -> Path:
    """Gives the new file. Raises `alembic.util.CommandError` when the tree has more than one head."""
    config = migrate.configuration()
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.db"
        if revisions:
            migrate.upgrade(url)
        engine = create_engine(url)
        with engine.connect() as connection:
            config.attributes |= {"connection": connection, "batch": bool(revisions)}
            script = command.revision(config, message, autogenerate=True, rev_id=f"{len(revisions) + 1:04d}")
        engine.dispose()
    return Path(script.path)  # type: ignore[union-attr]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit('usage: python -m tools.migration "add the colour of a card"')
    print(main(sys.argv[1]))
