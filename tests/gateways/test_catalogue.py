from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

import app.gateways
from app.gateways.catalogue import CATALOGUE, GatewaySettings, build
from app.gateways.port import Gateway
from tests.clock import Clock

SETTINGS = GatewaySettings(
    public_url="https://sms.example.com",
    clock=Clock(),
    twilio_account_sid="AC" + "a" * 32,
    twilio_auth_token="token",
    twilio_from="+15005550006",
    simulator_key="key",
)


@pytest.mark.parametrize("name", CATALOGUE)
def test_each_gateway_is_built_under_its_name(name: str) -> None:
    gateway: Gateway = build(name, SETTINGS)
    assert gateway.name == name


@pytest.mark.parametrize(
    ("name", "missing", "word"),
    [
        ("twilio", "twilio_auth_token", "token"),
        ("twilio", "twilio_account_sid", "account"),
        ("twilio", "twilio_from", "sender"),
        ("simulator", "simulator_key", "key"),
    ],
)
def test_a_missing_setting_is_told_in_a_sentence(name: str, missing: str, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        build(name, replace(SETTINGS, **{missing: ""}))


def test_an_unknown_gateway_is_told_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match="simulator, twilio"):
        build("pigeon", SETTINGS)


def test_every_gateway_file_is_in_the_catalogue() -> None:
    """A file with a class that has a `send` is a gateway; one that is not built by name was forgotten."""
    found = set()
    for path in Path(app.gateways.__path__[0]).glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            methods = {each.name for each in getattr(node, "body", ()) if isinstance(each, ast.FunctionDef)}
            if isinstance(node, ast.ClassDef) and "send" in methods and path.stem != "port":
                found.add(path.stem)
    assert found == set(CATALOGUE)
