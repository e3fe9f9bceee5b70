"""Install the locked jars and the project's plugin for the managed server."""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from kgrec_gds import home
from kgrec_gds.errors import ServerError
from kgrec_gds.locks import locked
from kgrec_gds.progress import say, spinner, warn
from kgrec_gds.server import jar_download, java, lockfile, plugin_build, process
from kgrec_gds.server.server_files import ServerFiles, read_json, write_text


@dataclass(frozen=True)
class Installation:
    """The installed versions, and what was changed."""

    jars: int
    """Jars in the lock file."""
    jars_downloaded: int
    """Jars that the cache lacked."""
    neo4j: str
    gds: str
    java: str
    plugin: bool
    """Whether the project's procedures are installed."""
    changed: bool
    """False if everything was installed already."""
    folder: str


def install(files: ServerFiles | None = None) -> Installation:
    """Install the server; if it is installed already, do nothing.

    Raises:
        ServerError: a jar cannot be downloaded or is not the locked one, or Java is missing.
    """
    files = files or ServerFiles()
    runtime = java.find()
    jars = lockfile.read()
    wanted = {"lock": lockfile.digest(), "plugin": plugin_build.sources_digest()}
    files.make()
    with locked(files.root / "install.lock"):
        complete = _is_complete(files, jars, wanted)
        downloaded = 0 if complete else _install_jars(files, jars)
        if not complete:
            built = _build_plugin(files, runtime)
            write_text(files.stamp, json.dumps(wanted if built else {**wanted, "plugin": "failed"}))
    if not complete and process.find(files) is not None:
        say(
            "The running server still uses the old files. To restart it: kgrec-gds server stop; kgrec-gds server start"
        )
    return Installation(
        jars=len(jars),
        jars_downloaded=downloaded,
        neo4j=lockfile.version_of("org.neo4j:neo4j"),
        gds=lockfile.version_of("org.neo4j.gds:proc"),
        java=runtime.version,
        plugin=files.plugin_jar.is_file(),
        changed=not complete,
        folder=str(files.root),
    )


def is_installed(files: ServerFiles) -> bool:
    """Whether any version has been installed completely."""
    return files.stamp.is_file()


def _is_complete(files: ServerFiles, jars: list[lockfile.Jar], wanted: dict[str, str]) -> bool:
    return (
        read_json(files.stamp) == wanted
        and (not wanted["plugin"] or files.plugin_jar.is_file())
        and all((files.root / jar.folder / jar.path.name).is_file() for jar in jars)
    )


def _install_jars(files: ServerFiles, jars: list[lockfile.Jar]) -> int:
    # The cache is shared by all homes: two processes would write the same partial files.
    with locked(home.cache() / "lock"):
        downloaded = jar_download.download_jars(jars)
        _verify_cache(jars)
    for jar in jars:
        _link(jar_download.cached_path(jar), files.root / jar.folder / jar.path.name)
    names = {(jar.folder, jar.path.name) for jar in jars} | {("plugins", files.plugin_jar.name)}
    for folder in lockfile.FOLDERS:
        for path in (files.root / folder).glob("*.jar"):
            # A version that the lock file no longer names would be loaded with the new one.
            if (folder, path.name) not in names:
                path.unlink()
    return downloaded


def _verify_cache(jars: list[lockfile.Jar]) -> None:
    # A cached file may have been truncated or changed since it was downloaded.
    for jar in jars:
        path = jar_download.cached_path(jar)
        if jar_download.sha256(path) != jar.sha256:
            path.unlink()
            raise ServerError(
                f"{path} did not have the locked SHA-256 {jar.sha256} and was removed. Run `kgrec-gds server install` "
                "to download it again."
            )


def _link(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(source, target)


def _build_plugin(files: ServerFiles, runtime: java.Java) -> bool:
    if not plugin_build.sources_digest():
        return True
    try:
        with spinner("Compiling the project's procedures …"):
            plugin_build.build_for_server(files, runtime, files.plugin_jar)
    except ServerError as error:
        # Only training embeddings in the database needs the plugin; the next install tries again.
        warn(f"The server is installed without the project's procedures. {error}")
        files.plugin_jar.unlink(missing_ok=True)
        return False
    return True
