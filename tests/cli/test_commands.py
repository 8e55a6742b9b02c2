"""The commands as somebody at a terminal, or a script, meets them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.flows.catalogue import CATALOGUE
from app.flows.draw import draw
from app.store import migrate

Huifu = Callable[..., Result]
CHECKOUT = Path(__file__).resolve().parents[2]


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from commands(child, (*path, name))


@pytest.fixture
def huifu(tmp_path: Path) -> Huifu:
    """Runs a command on a database of its own."""

    def run(*words: str, **settings: str) -> Result:
        environment = {"DATABASE_URL": f"sqlite:///{tmp_path}/huifu.db", **settings}
        return CliRunner().invoke(main, words, env=environment, prog_name="huifu")

    return run


@pytest.mark.parametrize("path", list(commands(main)), ids=" ".join)
def test_every_command_has_help_with_an_example_that_is_one(path: tuple[str, ...]) -> None:
    told = CliRunner().invoke(main, [*path, "--help"], prog_name="huifu", terminal_width=200)
    assert told.exit_code == 0
    _, _, examples = told.output.partition("Example:\n")
    lines = [line.split() for line in examples.partition("\n\n")[0].splitlines()]
    called = [line[line.index("huifu") + 1 :][: len(path)] for line in lines if "huifu" in line]
    assert list(path) in called, "the help has no example of this command"


def test_help_needs_no_settings() -> None:
    assert CliRunner().invoke(main, ["run", "--help"], env={"PORT": "x"}).exit_code == 0


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] in CliRunner().invoke(main, ["--version"]).output


# ---- the database ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("demo-data",), ("web",), ("worker",), ("customers", "import", __file__)])
def test_a_database_that_was_never_migrated_stops_with_a_sentence(huifu: Huifu, words: tuple[str, ...]) -> None:
    done = huifu(*words)
    assert (done.exit_code, done.stderr) == (1, "The database has no tables yet; run: huifu migrate\n")


@pytest.mark.parametrize("words", [("demo-data",), ("migrate",), ("web",), ("worker",), ("run",)])
def test_a_database_that_does_not_answer_stops_with_a_sentence(huifu: Huifu, words: tuple[str, ...]) -> None:
    done = huifu(*words, DATABASE_URL="postgresql://huifu:hush@127.0.0.1:1/huifu")
    assert done.exit_code == 1
    assert done.stderr.startswith("The database of DATABASE_URL does not work: ")
    assert done.stderr.count("\n") == 1
    assert "hush" not in done.stderr


def test_a_folder_that_cannot_be_made_stops_with_a_sentence(huifu: Huifu, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = huifu("migrate", DATABASE_URL=f"sqlite:///{tmp_path}/file/huifu.db")
    assert done.exit_code == 2
    assert done.stderr.startswith("DATABASE_URL: ")


def test_migrate_tells_a_script_what_it_did(huifu: Huifu) -> None:
    assert huifu("migrate", "--check").exit_code == 1
    before = json.loads(huifu("migrate", "--json").output)
    assert before == {"before": None, "revision": migrate.head(), "needed": migrate.head()}
    again = huifu("migrate")
    assert (again.exit_code, again.output) == (0, f"The tables are up to date ({migrate.head()}).\n")
    assert huifu("migrate", "--check").exit_code == 0


# ---- flows, understanding ----------------------------------------------------------------------------------


def test_the_flows_are_fit_and_each_has_a_page(huifu: Huifu, tmp_path: Path) -> None:
    checked = huifu("flows", "check")
    assert checked.output == f"{len(CATALOGUE.flows)} flows, 0 faults.\n"
    assert json.loads(huifu("flows", "check", "--json").output) == []
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "attic.md").write_text("a flow that is gone")
    huifu("flows", "draw", "--folder", str(tmp_path / "flows"))
    drawn = {page.name: page.read_text(encoding="utf-8") for page in (tmp_path / "flows").iterdir()}
    assert drawn == draw(CATALOGUE)


def test_what_was_published_and_is_gone_is_a_fault(huifu: Huifu, tmp_path: Path) -> None:
    (tmp_path / "published.json").write_text('{"attic": ["dust"]}')
    checked = huifu("flows", "check", "--publish", "--folder", str(tmp_path))
    assert checked.exit_code == 1
    assert checked.output.startswith("attic: was published and is gone")
    assert json.loads((tmp_path / "published.json").read_text()) == {"attic": ["dust"]}


def test_publishing_records_the_steps_that_wait(huifu: Huifu, tmp_path: Path) -> None:
    assert huifu("flows", "check", "--publish", "--folder", str(tmp_path / "new")).exit_code == 0
    assert json.loads((tmp_path / "new" / "published.json").read_text()).keys() == CATALOGUE.flows.keys()


def test_understand_tells_the_meaning_and_why(huifu: Huifu) -> None:
    assert huifu("understand", "ＴＤ").output.splitlines()[0] == "meaning  opt_out  1.00"
    found = json.loads(huifu("understand", "--json", "转人工").output)
    assert (found["meaning"], found["values"]) == ("human_agent", {"said": "转人工"})
    assert found["score"] > 0.7
    assert found["reasons"]


def test_understand_reads_an_answer_when_a_question_is_open(huifu: Huifu) -> None:
    found = json.loads(huifu("understand", "--json", "--expects", "last4", "0042").output)
    assert found["values"]["last4"] == "0042"
