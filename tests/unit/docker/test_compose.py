"""Checks of the Docker files that need no engine: their schema, and that the files they name exist."""

import json
import re
import subprocess
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from kgrec_gds.server import lockfile

ROOT = Path(__file__).resolve().parents[3]
DOCKER = ROOT / "docker"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The Compose specification's own JSON schema, as check-jsonschema ships it."""
    path = resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def compose() -> dict[str, Any]:
    return yaml.safe_load((DOCKER / "compose.yml").read_text(encoding="utf-8"))


def test_the_compose_file_follows_the_specification(compose: dict[str, Any], schema: dict[str, Any]) -> None:
    jsonschema.validate(compose, schema)


@pytest.mark.parametrize(
    ("place", "key", "value"),
    [("healthcheck", "start_intervall", "5s"), ("", "restarts", "always"), ("", "ports", "7474")],
)
def test_a_mistake_in_the_compose_file_is_found(
    compose: dict[str, Any], schema: dict[str, Any], place: str, key: str, value: str
) -> None:
    service = compose["services"]["neo4j"]
    (service[place] if place else service)[key] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(compose, schema)


def test_the_server_has_the_tested_version(compose: dict[str, Any]) -> None:
    version = lockfile.version_of("org.neo4j:neo4j")
    assert compose["services"]["neo4j"]["image"].partition("@")[0] == f"neo4j:{version}-community"


def test_every_image_that_is_pulled_is_pinned_by_digest(compose: dict[str, Any]) -> None:
    dockerfile = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    images = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    built = [service["image"] for service in compose["services"].values() if "build" in service]
    assert [image for image in built if not re.search(r":\d+\.\d+", image)] == []
    images += [service["image"] for service in compose["services"].values() if "build" not in service]
    assert len(images) == 3
    assert [image for image in images if not re.fullmatch(r"\w+:\d+\.\S+@sha256:[0-9a-f]{64}", image)] == []


def test_the_image_downloads_no_plugin(compose: dict[str, Any]) -> None:
    assert "NEO4J_PLUGINS" not in compose["services"]["neo4j"]["environment"]
    assert "./plugins:/plugins:ro" in compose["services"]["neo4j"]["volumes"]


def test_the_password_is_in_no_environment(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert "neo4j_password" in service["secrets"]
        assert [name for name in service["environment"] if "PASSWORD" in name or "AUTH" in name] == []


def test_no_service_can_gain_privileges(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert not service.get("privileged")
    assert "cap_add" not in compose["services"]["kgrec"]


def test_import_and_plugins_are_mounted_and_the_data_is_a_volume(compose: dict[str, Any]) -> None:
    targets = {volume.split(":")[1] for volume in compose["services"]["neo4j"]["volumes"]}
    assert {"/data", "/logs", "/plugins", "/import"} <= targets
    assert {"data", "logs"} <= set(compose["volumes"])


def test_the_entrypoint_passes_password_and_command_to_the_image(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    secret = tmp_path / "neo4j_password"
    secret.write_text("not a secret\n")
    image_script = tmp_path / "docker-entrypoint.sh"
    image_script.write_text('#!/bin/sh\nprintf "%s|" "$NEO4J_AUTH" "$@"\n')
    image_script.chmod(0o755)
    _tini, _group, _dashes, *shell = compose["services"]["neo4j"]["entrypoint"]
    for inside, here in (
        ("$$", "$"),  # compose's escape of a dollar
        ("/run/secrets/neo4j_password", str(secret)),
        ("/startup/docker-entrypoint.sh", str(image_script)),
    ):
        shell = [word.replace(inside, here) for word in shell]
    done = subprocess.run(
        [*shell, "neo4j-admin", "database info"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "neo4j/not a secret|neo4j-admin|database info|"


@pytest.mark.parametrize("given", ["", "of the caller"])
def test_the_command_line_reads_the_secret_unless_a_password_is_given(given: str, tmp_path: Path) -> None:
    secret = tmp_path / "neo4j_password"
    secret.write_text("of the file\n")
    program = tmp_path / "kgrec-gds"
    program.write_text('#!/bin/sh\nprintf "%s|" "$NEO4J_PASSWORD" "$@"\n')
    program.chmod(0o755)
    script = (DOCKER / "entrypoint.sh").read_text().replace("/run/secrets/neo4j_password", str(secret))
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "NEO4J_PASSWORD": given}
    done = subprocess.run(
        ["sh", "-c", script, "entrypoint", "recommend", "a user"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == f"{given or 'of the file'}|recommend|a user|"


def test_the_image_is_built_from_files_that_exist_and_are_not_ignored() -> None:
    dockerfile = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    copied = [line.split() for line in re.findall(r"^COPY (?!--from)(.*)$", dockerfile, re.MULTILINE)]
    sources = [word for words in copied for word in words[:-1] if not word.startswith("--")]
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {line[1:] for line in ignored if line.startswith("!")}
    assert set(sources) == let_through
    assert [source for source in sources if source != "README.md" and not (ROOT / source).exists()] == []
