"""The container file and compose.yaml, by the tools that read them, and by what a bank's security asks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import compose
import pytest

from tests.deploy.paper import CHECKOUT, COMPOSE, CONTAINERFILE, DEPLOY, document, ours, services, tool

SITE = {"HUIFU_SITE": "sms.bank.example"}


def test_the_container_file_has_no_fault_that_hadolint_knows() -> None:
    assert tool("hadolint", CONTAINERFILE) == (0, "")


def test_hadolint_refuses_a_container_file_that_is_worse(tmp_path: Path) -> None:
    worse = tmp_path / "Containerfile"
    text = CONTAINERFILE.read_text(encoding="utf-8")
    worse.write_text(re.sub(r"python:[\w.-]+", "python", text), encoding="utf-8")
    code, said = tool("hadolint", worse)
    assert code != 0 and "DL3006" in said


def test_compose_is_what_its_specification_says(tmp_path: Path) -> None:
    assert tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)[0] == 0
    worse = tmp_path / "compose.yaml"
    text = COMPOSE.read_text(encoding="utf-8")
    worse.write_text(text.replace("stop_grace_period", "stop_grace_time"), encoding="utf-8")
    code, said = tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", worse)
    assert code != 0 and "stop_grace_time" in said


@pytest.fixture
def laid_out(tmp_path: Path) -> Path:
    """deploy/ as somebody has prepared it, who filled in the settings and the secrets."""
    folder = tmp_path / "deploy"
    shutil.copytree(DEPLOY, folder, ignore=shutil.ignore_patterns("huifu.env", "secrets"))
    shutil.copy(folder / "huifu.env.example", folder / "huifu.env")
    (folder / "secrets").mkdir()
    for name in ("db_password", "redis.conf"):
        (folder / "secrets" / name).write_text("x", encoding="utf-8")
    return folder


def composed(folder: Path, **environment: str) -> tuple[int, str]:
    """By Compose itself: the command that its wheel installs ends with 0 whatever was found, the program inside not."""
    program = Path(compose.__file__).with_name("docker-compose")
    return tool(str(program), "-f", folder / "compose.yaml", "config", cwd=folder, **environment)


def test_compose_itself_takes_the_file(laid_out: Path) -> None:
    code, said = composed(laid_out, **SITE)
    assert code == 0, said


def test_compose_says_what_is_missing(laid_out: Path) -> None:
    code, said = composed(laid_out, HUIFU_SITE="")
    assert code != 0 and "HUIFU_SITE" in said
    (laid_out / "huifu.env").unlink()
    code, said = composed(laid_out, **SITE)
    assert code != 0 and "huifu.env" in said


def test_compose_refuses_a_service_that_waits_for_nobody(laid_out: Path) -> None:
    text = (laid_out / "compose.yaml").read_text(encoding="utf-8")
    (laid_out / "compose.yaml").write_text(text.replace("    migrate: {condition", "    moved: {condition"))
    code, said = composed(laid_out, **SITE)
    assert code != 0 and "moved" in said


@pytest.mark.parametrize("name", services())
def test_no_container_may_more_than_it_must(name: str) -> None:
    service = services()[name]
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileges") and not service.get("privileged") and not service.get("network_mode")
    assert all(".sock" not in str(volume) for volume in service.get("volumes", []))
    assert name == "proxy" or ("ports" not in service and "cap_add" not in service and "user" in service)


def test_the_database_is_reached_from_inside_only() -> None:
    networks = document(COMPOSE)["networks"]
    inside = {name for name, network in networks.items() if network.get("internal")}
    assert set(services()["db"]["networks"]) <= inside and set(services()["redis"]["networks"]) <= inside
    assert "data" not in services()["proxy"]["networks"], "whoever breaks the proxy still has no database"


def test_whoever_works_has_time_to_end() -> None:
    """A worker ends within 28 seconds (`worker/crew.py`), and a web process within 15 (`commands/serve.py`)."""
    from app.commands.serve import KILL_AFTER_SECONDS
    from app.worker.crew import LAST_CALL

    serving = {name: service for name, service in services().items() if ours(service) and name != "migrate"}
    assert {name: service["stop_grace_period"] for name, service in serving.items()} == dict.fromkeys(serving, "40s")
    assert max(LAST_CALL, KILL_AFTER_SECONDS) < 40


def test_no_secret_stands_in_what_is_committed() -> None:
    """Only the two examples show where one goes, and there it says CHANGE-ME."""
    secret = re.compile(r"(?:SECRET_KEY|TOKEN|SIGNING_KEY|PASSWORD) ?[:=] ?\S+|://[^/\s:]*:[^@\s/]+@")
    for path in DEPLOY.rglob("*"):
        if path.is_file() and path.suffix != ".md" and path.name != "huifu.env" and path.parent.name != "secrets":
            for found in secret.finditer(path.read_text(encoding="utf-8")):
                assert "CHANGE-ME" in found[0], f"{path.name}: {found[0]}"
    assert {"huifu.env", "secrets/"} <= set((DEPLOY / ".gitignore").read_text(encoding="utf-8").split())


def test_what_is_copied_into_the_image_is_enough_to_run(tmp_path: Path) -> None:
    """The steps of the last stage, in an empty folder: a file that is needed at run time and not copied fails here."""
    for sources, target in copied():
        for source in sources:
            start = CHECKOUT / source
            if start.is_dir():
                shutil.copytree(start, tmp_path / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(start, tmp_path / target)
    away = f"import sys; sys.path[:] = [{str(tmp_path)!r}, *(p for p in sys.path if p not in ('', {str(CHECKOUT)!r}))]"
    run = f"{away}; from app.cli import main; main(prog_name='huifu')"
    for words in (["migrate"], ["understand", "我的额度是多少"], ["flows", "check"]):
        done = subprocess.run(
            [sys.executable, "-c", run, *words],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    loaded = f"{away}; from app.cli import main; import app; print(app.__file__)"
    assert str(tmp_path) in subprocess.check_output([sys.executable, "-c", loaded], cwd=tmp_path, text=True)


def copied() -> list[tuple[list[str], str]]:
    """COPY lines of the last stage that take from the checkout: sources and target."""
    last = CONTAINERFILE.read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    lines: list[Any] = [line.split()[1:] for line in last.splitlines() if line.startswith("COPY ")]
    return [(line[:-1], line[-1]) for line in lines if not line[0].startswith("--from")]
