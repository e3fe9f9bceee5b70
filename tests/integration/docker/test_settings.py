"""The real server accepts every setting of the compose file.

The image writes its environment into neo4j.conf; so do these tests, and run Neo4j's `server validate-config`.
"""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from kgrec_gds.server import java, neo4j_config
from kgrec_gds.server.memory import Memory
from kgrec_gds.server.server_files import ServerFiles
from kgrec_gds.server.server_state import RunningServer

COMPOSE = Path(__file__).resolve().parents[3] / "docker" / "compose.yml"
#: Variables of the image's start script that are not settings (its list `not_configs`).
OF_THE_IMAGE = {"NEO4J_AUTH"}
#: Settings that the start script adds for mounted folders.
BY_ITSELF = {
    "server.directories.plugins": "/plugins",
    "server.directories.import": "/import",
    "server.directories.logs": "/logs",
    "server.default_listen_address": "0.0.0.0",
}
#: EX_CONFIG, Neo4j's exit code for an invalid configuration.
REFUSED = 78


def setting_name(variable: str) -> str:
    """`NEO4J_server_memory_heap_max__size` -> `server.memory.heap.max_size`, as the image's start script does."""
    return variable.removeprefix("NEO4J_").replace("__", "\0").replace("_", ".").replace("\0", "_")


def with_defaults(value: str) -> str:
    """`${NAME:-default}` -> `default`, as compose does where NAME is not set."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


def settings() -> dict[str, str]:
    environment = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]["neo4j"]["environment"]
    own = {
        setting_name(variable): with_defaults(value)
        for variable, value in environment.items()
        if variable not in OF_THE_IMAGE
    }
    return BY_ITSELF | own


@pytest.fixture
def files(server: RunningServer, home: Path) -> ServerFiles:
    """The jars of the session's server, with another configuration folder."""
    files = ServerFiles(home / "server", "docker")
    files.make()
    return files


def validate(files: ServerFiles, wanted: dict[str, str]) -> tuple[int, str]:
    lines = [f"{name}={value}" for name, value in wanted.items()]
    (files.conf / "neo4j.conf").write_text("\n".join([*lines, ""]), encoding="utf-8")
    arguments = ["server", "validate-config"]
    command = neo4j_config.admin_command(files, java.find(), Memory("256m", "64m"), arguments)
    # Only the launcher of Neo4j's scripts has this command, not the admin tool itself.
    place = command.index("org.neo4j.cli.AdminTool")
    command[place] = "org.neo4j.server.startup.Neo4jAdminCommand"
    done = subprocess.run(
        command,
        check=False,
        env=neo4j_config.admin_environment(files),
        cwd=files.root,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_server_accepts_every_setting(files: ServerFiles) -> None:
    wanted = settings()
    assert wanted["dbms.security.procedures.unrestricted"] == "gds.*,kgrec.*"
    code, output = validate(files, wanted)
    assert code == 0, output
    assert "validation successful" in output


@pytest.mark.parametrize(
    ("variable", "value"),
    [("NEO4J_server_memory_heap_maximum", "2g"), ("NEO4J_server_memory_pagecache_size", "much")],
)
def test_an_invalid_name_or_value_is_found(files: ServerFiles, variable: str, value: str) -> None:
    code, output = validate(files, settings() | {setting_name(variable): value})
    assert code == REFUSED, output
    assert setting_name(variable) in output
