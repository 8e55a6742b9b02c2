"""The manifests, by the schemas of Kubernetes itself, and by what holds them together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.paper import DEPLOY, MANIFESTS, document, manifests, pods, tool

OLDEST, NEWEST = "1.32", "1.37"
"""Versions of Kubernetes that the manifests are for."""


def validated(path: Path, version: str) -> tuple[int, str]:
    return tool("kubernetes-validate", "--strict", "-k", version, path)


def passed(said: str) -> int:
    """How many it was sure of: of a kind that it does not know it only warns."""
    return said.count(" passed for resource ")


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_kubernetes_would_take_it(path: Path, version: str) -> None:
    code, said = validated(path, version)
    assert (code, passed(said)) == (0, len(list(yaml.safe_load_all(path.read_text(encoding="utf-8"))))), said


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("web.yaml", "terminationGracePeriodSeconds", "terminationGraceSeconds"),
        ("web.yaml", "minReplicas: 2", "minReplicas: two"),
        ("network.yaml", "podSelector: {}", "podSelector: []"),
        ("migrate.yaml", "apiVersion: batch/v1", "apiVersion: batch/v0"),
    ],
)
def test_what_is_wrong_is_refused(tmp_path: Path, name: str, right: str, wrong: str) -> None:
    text = (DEPLOY / "kubernetes" / name).read_text(encoding="utf-8")
    assert right in text
    (tmp_path / name).write_text(text.replace(right, wrong), encoding="utf-8")
    whole = passed(validated(DEPLOY / "kubernetes" / name, NEWEST)[1])
    assert passed(validated(tmp_path / name, NEWEST)[1]) == whole - 1


def test_everything_is_applied_but_the_example_of_the_secret() -> None:
    listed = set(document(DEPLOY / "kubernetes" / "kustomization.yaml")["resources"])
    assert {path.name for path in MANIFESTS} - listed == {"secret.example.yaml"}
    assert listed <= {path.name for path in MANIFESTS}


@pytest.mark.parametrize(("name", "pod"), list(pods()), ids=lambda given: given if isinstance(given, str) else "")
def test_no_pod_may_more_than_it_must(name: str, pod: dict[str, Any]) -> None:
    """As the `restricted` profile of the namespace demands, which would else refuse the pod when it is made."""
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    told = container["securityContext"]
    assert told["readOnlyRootFilesystem"] and not told["allowPrivilegeEscalation"]
    assert told["capabilities"] == {"drop": ["ALL"]}
    assert "memory" in container["resources"]["limits"] and "cpu" in container["resources"]["requests"]


def test_every_selector_finds_its_pods() -> None:
    """A label that is written in two ways keeps traffic, disruptions or packets from where they are meant to be."""
    labels = [
        found["spec"]["template"]["metadata"]["labels"] for found in (*manifests("Deployment"), *manifests("Job"))
    ]
    wanted = [found["spec"]["selector"]["matchLabels"] for found in (*manifests("Deployment"), *disruptions())]
    wanted += [found["spec"]["selector"] for found in manifests("Service")]
    wanted += [found["spec"]["podSelector"].get("matchLabels", {}) for found in manifests("NetworkPolicy")]
    for pod in pods():
        wanted += [spread["labelSelector"]["matchLabels"] for spread in pod[1].get("topologySpreadConstraints", [])]
    lonely = [one for one in wanted if not any(one.items() <= label.items() for label in labels)]
    assert lonely == []


def disruptions() -> list[dict[str, Any]]:
    return list(manifests("PodDisruptionBudget"))


def test_each_deployment_survives_the_loss_of_a_node() -> None:
    replicas = {found["metadata"]["name"]: found["spec"].get("replicas", 0) for found in manifests("Deployment")}
    for scaled in manifests("HorizontalPodAutoscaler"):
        replicas[scaled["spec"]["scaleTargetRef"]["name"]] = scaled["spec"]["minReplicas"]
    assert min(replicas.values()) >= 2
    assert {budget["metadata"]["name"] for budget in disruptions()} == set(replicas)


def test_web_is_asked_where_it_answers_and_ends_in_time() -> None:
    from app.commands.serve import KILL_AFTER_SECONDS
    from app.worker.crew import LAST_CALL

    (web,) = dict(pods())["huifu-web"]["containers"]
    probes = {name: web[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert probes == {
        "startupProbe": "/health/live",
        "livenessProbe": "/health/live",
        "readinessProbe": "/health/ready",
    }, "a database that is away must not end processes that only wait for it"
    assert web["ports"] == [{"name": "http", "containerPort": 8000}]
    pause = int(web["lifecycle"]["preStop"]["exec"]["command"][1])
    for name, pod in pods():
        if not name.startswith("huifu-migrate"):
            needed = pause + KILL_AFTER_SECONDS if name == "huifu-web" else LAST_CALL
            assert pod["terminationGracePeriodSeconds"] > needed and pod["terminationGracePeriodSeconds"] >= 35


def test_manifests_hold_no_two_things_of_one_name() -> None:
    names = [
        (found["kind"], found["metadata"]["name"])
        for path in MANIFESTS
        for found in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]
    assert len(names) == len(set(names))
