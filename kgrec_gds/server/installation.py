"""Put the locked jars, and our own plugin, where the server finds them."""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from kgrec_gds import home
from kgrec_gds.errors import ServerError
from kgrec_gds.locks import locked
from kgrec_gds.progress import console, say
from kgrec_gds.server import jar_download as download
from kgrec_gds.server import java, lockfile, process
from kgrec_gds.server import plugin_build as plugin
from kgrec_gds.server.server_files import ServerFiles, read_json, write_text

PLUGIN = "kgrec.jar"


@dataclass(frozen=True)
class Installed:
    """What an installation did and holds."""

    jars: int
    """Jars of the lock file."""
    jars_downloaded: int
    """Of them, those the cache lacked."""
    neo4j: str
    gds: str
    java: str
    plugin: bool
    """Whether our own procedures are there."""
    changed: bool
    """False where everything was in place already."""
    folder: str


def install(files: ServerFiles | None = None) -> Installed:
    """Install the server; where it is installed already, do nothing.

    Raises:
        ServerError: a jar cannot be had or is not the locked one, or there is no Java.
    """
    files = files or ServerFiles()
    runtime = java.find()
    jars = lockfile.read()
    wanted = {"lock": lockfile.digest(), "plugin": _plugin_digest()}
    files.make()
    with files.lock("install.lock"):
        complete = _complete(files, jars, wanted)
        downloaded = 0 if complete else _put(files, jars)
        if not complete:
            built = _build_plugin(files, runtime)
            write_text(files.stamp, json.dumps(wanted if built else {**wanted, "plugin": "failed"}))
    if not complete and process.find(files) is not None:
        say("The server that runs takes what is new at its next start: kgrec-gds server stop, then start.")
    return Installed(
        jars=len(jars),
        jars_downloaded=downloaded,
        neo4j=lockfile.version_of("org.neo4j:neo4j"),
        gds=lockfile.version_of("org.neo4j.gds:proc"),
        java=runtime.version,
        plugin=(files.plugins / PLUGIN).is_file(),
        changed=not complete,
        folder=str(files.root),
    )


def is_installed(files: ServerFiles) -> bool:
    """Whether an installation, this version's or an older one's, was ever finished here."""
    return files.stamp.is_file()


def _complete(files: ServerFiles, jars: list[lockfile.Jar], wanted: dict[str, str]) -> bool:
    plugin_there = not wanted["plugin"] or (files.plugins / PLUGIN).is_file()
    return (
        read_json(files.stamp) == wanted
        and plugin_there
        and all((files.root / jar.folder / jar.path.name).is_file() for jar in jars)
    )


def _put(files: ServerFiles, jars: list[lockfile.Jar]) -> int:
    # One at a time for all homes: two would write the same partial files.
    with locked(home.cache() / "lock"):
        downloaded = download.fetch(jars)
        _check(jars)
    for jar in jars:
        _link(download.cached_path(jar), files.root / jar.folder / jar.path.name)
    names = {(jar.folder, jar.path.name) for jar in jars} | {("plugins", PLUGIN)}
    for folder in lockfile.FOLDERS:
        for path in (files.root / folder).glob("*.jar"):
            # A version that the lock no longer names would be loaded beside the new one.
            if (folder, path.name) not in names:
                path.unlink()
    return downloaded


def _check(jars: list[lockfile.Jar]) -> None:
    # The cache is a user's folder: a file there may have been cut short or changed since it was checked.
    for jar in jars:
        path = download.cached_path(jar)
        if download.sha256(path) != jar.sha256:
            path.unlink()
            raise ServerError(
                f"{path} should have the locked SHA-256 {jar.sha256}, and does not; it was removed. "
                "Run `kgrec-gds server install` again to download it anew."
            )


def _link(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(source, target)


def _plugin_digest() -> str:
    sources = sorted(Path(str(resources.files("kgrec_gds.plugin"))).rglob("*.java"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest() if sources else ""


def _build_plugin(files: ServerFiles, runtime: java.Java) -> bool:
    if not _plugin_digest():
        return True
    target = files.plugins / PLUGIN
    jars = sorted(
        path for path in [*files.lib.glob("*.jar"), *files.plugins.glob("*.jar")] if path.name != PLUGIN
    )
    (compiler,) = files.tools.glob("ecj-*.jar")
    try:
        with console.status("Compiling the project's own procedures …"):
            plugin.build(runtime.program, jars, compiler, target)
    except ServerError as error:
        # Everything but training embeddings inside the database works without it; the next install tries again.
        say(f"The server goes without the project's own procedures. {error}")
        target.unlink(missing_ok=True)
        return False
    return True
