"""Neo4j's configuration and command lines; `neo4j.conf` is written at each start."""

import os
from pathlib import Path

from kgrec_gds.server import blas
from kgrec_gds.server.java import ANY_ALPHABET, Java
from kgrec_gds.server.memory import Memory, size_in_bytes
from kgrec_gds.server.ports import HOST, Ports
from kgrec_gds.server.server_files import MAIN, ServerFiles, write_text

MAIN_CLASS = "org.neo4j.server.Neo4jCommunity"
ADMIN_CLASS = "org.neo4j.cli.AdminTool"
_WARNS_OF_UNSAFE = 24
_OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")


def write(files: ServerFiles, data: Path, ports: Ports, memory: Memory) -> Path:
    """Write the instance's `neo4j.conf` and return its path."""
    path = files.conf / "neo4j.conf"
    lines = (f"{name}={value}" for name, value in settings(files, data, ports, memory).items())
    write_text(path, "\n".join(["# Written at each start of the server; changes are lost.", *lines, ""]))
    return path


def settings(files: ServerFiles, data: Path, ports: Ports, memory: Memory) -> dict[str, object]:
    """Neo4j's settings by name.

    Folders are relative to the server's: Neo4j misreads other alphabets in its settings, and would write elsewhere.
    """

    def inside(folder: Path) -> str:
        return os.path.relpath(folder, files.root)

    bolt, http = f"{HOST}:{ports.bolt}", f"{HOST}:{ports.http}"
    return {
        "server.default_listen_address": HOST,
        "server.bolt.listen_address": bolt,
        # The address that Neo4j Browser connects to.
        "server.bolt.advertised_address": bolt,
        "server.http.listen_address": http,
        "server.http.advertised_address": http,
        "server.https.enabled": "false",
        "dbms.security.auth_enabled": "true",
        # Guessing the generated password is hopeless, but by wrong guesses other local users could lock us out.
        "dbms.security.auth_max_failed_attempts": "0",
        "dbms.security.procedures.unrestricted": "gds.*,kgrec.*",
        "dbms.usage_report.enabled": "false",
        "client.allow_telemetry": "false",
        "dbms.fleet_manager.enabled": "false",
        "server.fleet_discovery.enabled": "false",
        "server.memory.pagecache.size": memory.page_cache,
        "server.directories.data": inside(data),
        "server.directories.lib": inside(files.lib),
        "server.directories.plugins": inside(files.plugins),
        "server.directories.logs": inside(files.logs),
        "server.directories.run": inside(files.run),
        "server.directories.import": inside(files.imports),
        # Without clients on a network, the quiet period only delays a stop by ten seconds.
        "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration": "0s",
        # By default an empty database takes 256 MB of disk for transaction logs.
        "db.tx_log.preallocate": "false",
        "db.tx_log.rotation.size": "64m",
        "db.tx_log.rotation.retention_policy": "2 files",
    }


def server_command(files: ServerFiles, java: Java, memory: Memory) -> list[str]:
    """Command line of the server, to run in its folder with `server_environment`."""
    initial = f"-Xms{min(256, size_in_bytes(memory.heap) >> 20)}m"
    arguments = ["--home-dir", str(files.root), "--config-dir", str(files.conf), "--console-mode"]
    options = [initial, f"-Xmx{memory.heap}", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError"]
    if files.instance != MAIN:
        # It runs a few queries only: the optimizing compiler would cost 8 of 19 CPU seconds.
        options.append("-XX:TieredStopAtLevel=1")
    elif library := blas.library():
        options.append(f"-Dkgrec.blas={library}")
    return [*_java(files, java, options), MAIN_CLASS, *arguments]


def admin_command(files: ServerFiles, java: Java, memory: Memory, arguments: list[str]) -> list[str]:
    """Command line of the admin tool, to run in the server's folder with `admin_environment`."""
    return [*_java(files, java, [f"-Xmx{memory.heap}"]), ADMIN_CLASS, *arguments]


def server_environment() -> dict[str, str]:
    """Environment of the server."""
    return {**os.environ, **ANY_ALPHABET}


def admin_environment(files: ServerFiles) -> dict[str, str]:
    """Environment of the admin tool."""
    return {**server_environment(), "NEO4J_HOME": str(files.root), "NEO4J_CONF": str(files.conf)}


def instance_mark(files: ServerFiles) -> str:
    """An option of Java that does nothing but tell whose process it is."""
    return f"-Dkgrec.instance={files.conf}"


def _java(files: ServerFiles, java: Java, options: list[str]) -> list[str]:
    # Java expands the wildcards to the jars of each folder. Relative names hold no colon, which would separate them.
    folders = (os.path.relpath(folder, files.root) for folder in (files.plugins, files.conf, files.lib))
    classpath = os.pathsep.join(f"{folder}{os.sep}*" for folder in folders)
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED]
    return [
        str(java.program),
        *options,
        *opened,
        "--enable-native-access=ALL-UNNAMED",
        # Java 24 and newer warn about Neo4j's network library; older ones do not know the option.
        *(["--sun-misc-unsafe-memory-access=allow"] if java.major >= _WARNS_OF_UNSAFE else []),
        "-Dfile.encoding=UTF-8",
        f"-Dbasedir={files.root}",
        f"-Dapp.home={files.root}",
        # Libraries that Java unpacks stay there when it is killed; the next start empties the folder.
        f"-Djava.io.tmpdir={files.temporary}",
        instance_mark(files),
        "-cp",
        classpath,
    ]
