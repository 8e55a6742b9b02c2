"""What deploy/ says of the service, the service says too: settings, commands, lanes, versions, ports."""

from __future__ import annotations

import re
from typing import Any, get_args

import click
import pytest

from app.cli import VERSION, main
from app.config import Settings, load_settings
from app.worker.lanes import Name
from tests.deploy.paper import (
    CONTAINERFILE,
    DEPLOY,
    MANIFESTS,
    UNITS,
    commands,
    document,
    environment_file,
    ours,
    pods,
    services,
    settings_of_the_pods,
    unit,
)

NOT_OURS = {
    "PATH",
    "PYTHONUNBUFFERED",
    "PYTHONDONTWRITEBYTECODE",
    "POSTGRES_USER",
    "POSTGRES_DB",
    "POSTGRES_PASSWORD_FILE",
    "POSTGRES_INITDB_ARGS",
}
OF_THE_PROXY = {"HUIFU_SITE", "HUIFU_WEB"}
KNOWN = {name.upper() for name in Settings.model_fields}


def named() -> dict[str, set[str]]:
    """Names of environment variables, by where they are given."""
    found = {"huifu.env.example": set(environment_file(DEPLOY / "huifu.env.example"))}
    found["pods"] = set(settings_of_the_pods())
    found["Containerfile"] = set(re.findall(r"\b([A-Z]+)=", CONTAINERFILE.read_text(encoding="utf-8")))
    for name, service in services().items():
        found[f"compose {name}"] = set(service.get("environment", {})) - (OF_THE_PROXY if name == "proxy" else set())
    for path in UNITS:
        given = " ".join(unit(path).get("Environment", []))
        found[path.name] = set(re.findall(r"(\w+)=", given))
    return found


@pytest.mark.parametrize(("where", "names"), named().items(), ids=lambda given: given if isinstance(given, str) else "")
def test_every_variable_is_a_setting(where: str, names: set[str]) -> None:
    assert names - KNOWN - NOT_OURS == set()


def test_the_proxy_reads_what_it_is_given() -> None:
    read = set(re.findall(r"{\$(\w+)}", (DEPLOY / "Caddyfile").read_text(encoding="utf-8")))
    assert read == OF_THE_PROXY == set(services()["proxy"]["environment"])


@pytest.mark.parametrize(
    "given",
    [environment_file(DEPLOY / "huifu.env.example"), settings_of_the_pods()],
    ids=["huifu.env.example", "pods"],
)
def test_the_service_starts_with_the_examples(given: dict[str, str]) -> None:
    settings = load_settings({name.lower(): value for name, value in given.items()})
    assert settings.gateway == "twilio" and settings.trusted_proxies == 1
    assert not settings.on_sqlite and settings.redis_url


def parsed(words: list[str]) -> dict[str, Any]:
    """The options of one of our commands, read by the command itself. Raises what it says of a wrong one."""
    command: click.Command = main
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words[0])
        if found is None:
            raise click.UsageError(f"no command {words[0]}")
        command, words = found, words[1:]
    return dict(command.make_context("huifu", list(words)).params)


@pytest.mark.parametrize(
    ("where", "words"), commands().items(), ids=lambda given: given if isinstance(given, str) else ""
)
def test_every_command_is_one_of_ours(where: str, words: list[str]) -> None:
    parsed(words)


def test_a_command_that_is_not_ours_is_found() -> None:
    for wrong in (["wbe"], ["web", "--port", "1"], ["worker", "--processes", "0"]):
        with pytest.raises(click.UsageError):
            parsed(wrong)


@pytest.mark.parametrize("kind", ["compose", "huifu-", "worker-"], ids=["compose", "kubernetes", "systemd"])
def test_every_lane_is_done_by_somebody(kind: str) -> None:
    given = [
        parsed(words)["lanes"] for where, words in commands().items() if where.startswith(kind) and words[0] == "worker"
    ]
    done = [lane for lanes in given for lane in lanes.split(",")]
    assert sorted(done) == sorted(get_args(Name)), "each lane once: what customers wait for apart from the rest"


def test_what_is_run_is_what_was_tried() -> None:
    """Every image has an exact version, and ours that of this program; nothing comes as it happens to be today."""
    images = {name: str(service["image"]) for name, service in services().items()}
    images |= {name: pod["containers"][0]["image"] for name, pod in pods()}
    froms = re.findall(r"^FROM (\S+)", CONTAINERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(set(froms)) == 1
    for image in (*images.values(), *froms):
        assert re.search(r":\d+\.\d+(\.\d+)?(-\w+)*$", image), image
    own = {image for image in images.values() if image.startswith("huifu:")}
    assert own == {f"huifu:{VERSION}"}
    (tagged,) = document(DEPLOY / "kubernetes" / "kustomization.yaml")["images"]
    assert tagged == {"name": "huifu", "newTag": VERSION}
    assert f"huifu-migrate-{VERSION.replace('.', '-')}" in dict(pods())


def test_ports_and_health_are_where_the_image_has_them() -> None:
    from app import create_app

    rules = {str(rule) for rule in create_app(load_settings({"database_url": "sqlite://"})).url_map.iter_rules()}
    text = CONTAINERFILE.read_text(encoding="utf-8") + "".join(path.read_text(encoding="utf-8") for path in MANIFESTS)
    text += (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    asked = set(re.findall(r"(?:127\.0\.0\.1:8000|path: )(/(?:health|metrics)[\w/]*)", text))
    assert asked == {"/health/live", "/health/ready"} and asked <= rules
    assert re.search(r"^EXPOSE 8000$", text, flags=re.MULTILINE) and "PORT=8000" in text
    assert services()["proxy"]["environment"]["HUIFU_WEB"] == "web:8000"
    assert all(ours(services()[name]) for name in ("migrate", "web", "answers", "bulk"))
