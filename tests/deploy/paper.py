"""What lies in deploy/, read as data; and the tools that wheels bring, run as a person would."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
DEPLOY = CHECKOUT / "deploy"
CONTAINERFILE = DEPLOY / "Containerfile"
COMPOSE = DEPLOY / "compose.yaml"
MANIFESTS = sorted(path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml")
UNITS = sorted((DEPLOY / "systemd").glob("huifu*.*"))


def tool(name: str, *words: object, cwd: Path | None = None, **environment: str) -> tuple[int, str]:
    """Runs a tool of this Python's environment, or of the machine; its exit code and all that it said.

    Raises FileNotFoundError when there is no such tool: a check that cannot be made has not been passed.
    """
    own = Path(sys.executable).parent / name
    done = subprocess.run(
        [str(own) if own.exists() else name, *map(str, words)],
        cwd=cwd,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def document(path: Path) -> Any:
    """A file of one YAML document."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def manifests(kind: str) -> Iterator[dict[str, Any]]:
    """Every manifest of a kind."""
    for path in MANIFESTS:
        for found in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if found["kind"] == kind:
                yield found


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every template of a pod, under the name of what makes it."""
    for kind in ("Deployment", "Job"):
        for found in manifests(kind):
            yield found["metadata"]["name"], found["spec"]["template"]["spec"]


def environment_file(path: Path) -> dict[str, str]:
    """`NAME=value` by line, as systemd and compose read it."""
    lines = (line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def settings_of_the_pods() -> dict[str, str]:
    """What the ConfigMap and the example of the Secret give to every pod."""
    given: dict[str, str] = {}
    for found in manifests("ConfigMap"):
        given |= found["data"]
    for found in manifests("Secret"):
        given |= found["stringData"]
    return given


def unit(path: Path) -> dict[str, list[str]]:
    """Every setting of a unit with its values; sections do not matter, since no name stands in two."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#[":
            name, value = line.split("=", 1)
            found.setdefault(name, []).append(value)
    return found


def commands() -> dict[str, list[str]]:
    """Every command of ours that deploy/ runs, by where: what stands behind `huifu`."""
    found = {f"compose {name}": service["command"] for name, service in services().items() if ours(service)}
    found |= {name: pod["containers"][0]["args"] for name, pod in pods()}
    for path in UNITS:
        if path.suffix == ".service":
            words = shlex.split(unit(path)["ExecStart"][0])[1:]
            if "$WORKER" not in words:
                found[path.name] = words
                continue
            for settings in sorted(path.parent.glob("worker-*.env")):
                found[settings.name] = ["worker", *shlex.split(environment_file(settings)["WORKER"])]
    return found


def services() -> Mapping[str, dict[str, Any]]:
    found: Mapping[str, dict[str, Any]] = document(COMPOSE)["services"]
    return found


def ours(service: Mapping[str, Any]) -> bool:
    return str(service["image"]).startswith("huifu:")
