"""The units, by systemd's own checks: it must be on the machine, as it is where units are used."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.deploy.paper import DEPLOY, UNITS, environment_file, tool, unit

SERVICES = [path for path in UNITS if path.suffix == ".service"]
MOST_EXPOSED = 15
"""Tenths: 1.5 of 10 on systemd's scale. A service without any hardening has 9.6, nginx as it is shipped 9.0."""


@pytest.fixture
def laid_out(tmp_path: Path) -> Path:
    """The units, with the command at a place that exists on this machine."""
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace("/opt/huifu/.venv/bin/huifu", sys.executable)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path


def verified(folder: Path, name: str) -> tuple[int, str]:
    """`systemd-analyze verify`; a template is looked at as one of its units."""
    code, said = tool("systemd-analyze", "verify", "--man=no", folder / name, SYSTEMD_UNIT_PATH=f"{folder}:")
    return code, "".join(line for line in said.splitlines(keepends=True) if str(folder) in line or "huifu" in line)


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_understands_every_line(laid_out: Path, path: Path) -> None:
    assert verified(laid_out, path.name) == (0, "")


def test_systemd_tells_of_a_line_that_it_does_not_know(laid_out: Path) -> None:
    unit_file = laid_out / "huifu-migrate.service"
    unit_file.write_text(unit_file.read_text(encoding="utf-8").replace("ProtectHome=", "ProtectHomes="))
    assert "ProtectHomes" in verified(laid_out, unit_file.name)[1]


def exposed(path: Path) -> tuple[int, str]:
    return tool("systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", path)


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_service_reaches_little_of_the_machine(path: Path) -> None:
    code, said = exposed(path)
    assert code == 0, re.findall("^✗.*", said, flags=re.MULTILINE)


def test_a_service_that_reaches_more_is_refused(tmp_path: Path) -> None:
    looser = tmp_path / "huifu-migrate.service"
    shutil.copy(DEPLOY / "systemd" / looser.name, looser)
    looser.write_text(re.sub("^(CapabilityBoundingSet|SystemCallFilter)=.*\n", "", looser.read_text(), flags=re.M))
    assert exposed(looser)[0] != 0


def test_services_come_back_and_end_in_time() -> None:
    from app.worker.crew import LAST_CALL

    for path in SERVICES:
        told = unit(path)
        assert told["EnvironmentFile"][0] == "/etc/huifu/huifu.env"
        if told["Type"] == ["oneshot"]:
            continue
        assert told["Restart"] == ["always"] and told["StartLimitIntervalSec"] == ["0"]
        assert LAST_CALL < int(told["TimeoutStopSec"][0]) <= 60
        assert told["KillMode"] == ["mixed"], "the first process ends its own, and waits for them"
        assert int(told["LimitNOFILE"][0]) >= 65536


def test_the_target_starts_units_that_exist() -> None:
    folder = DEPLOY / "systemd"
    wanted = unit(folder / "huifu.target")["Wants"][0].split()
    for name in wanted:
        assert (folder / re.sub("@.*[.]", "@.", name)).exists(), name
        if found := re.fullmatch(r"huifu-worker@(\w+)[.]service", name):
            assert set(environment_file(folder / f"worker-{found[1]}.env")) == {"WORKER"}
    ports = re.findall(r"huifu-web@(\d+)", " ".join(wanted))
    assert len(set(ports)) == 2
    scraped = (DEPLOY / "prometheus" / "prometheus.yaml").read_text(encoding="utf-8")
    assert re.findall(r"127[.]0[.]0[.]1:(\d+)", scraped) == ports
