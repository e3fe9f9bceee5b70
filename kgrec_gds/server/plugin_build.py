"""Compile the project's procedures (`plugin/src`) against a server's jars, without a JDK."""

import hashlib
import os
import subprocess
import zipfile
from importlib import resources
from pathlib import Path

from kgrec_gds.errors import ServerError
from kgrec_gds.leftovers import temporary_folder
from kgrec_gds.server.java import ANY_ALPHABET, Java
from kgrec_gds.server.server_files import ServerFiles

_RELEASE = "21"
"""The oldest Java that Neo4j 2026 runs on."""
_DIGEST_ENTRY = "META-INF/kgrec-digest"
_SECONDS = 180
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time in a zip; a fixed time makes builds reproducible


def build(java: Path, classpath_jars: list[Path], ecj: Path, out: Path) -> Path:
    """Compile the shipped Java sources into the jar `out`, unless it is up to date, and return it.

    `classpath_jars` are Neo4j's and GDS's, those of the server; `ecj` is the Eclipse compiler's.

    Raises:
        ServerError: the sources do not compile against these jars.
    """
    folder = Path(str(resources.files("kgrec_gds.plugin"))) / "src"
    sources = sorted(folder.rglob("*.java"))
    if not sources:
        raise ServerError(
            f"No Java sources in {folder}; expected those of the plugin. Install the package again."
        )
    # With an older version of the plugin on the classpath, references to removed sources would compile.
    jars = [jar for jar in classpath_jars if jar.resolve() != out.resolve()]
    digest = _digest(folder, sources, [*jars, ecj])
    if _digest_of(out) != digest:
        out.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder("plugin") as work:
            compile_java(java, jars, ecj, sources, work)
            _pack(work, digest, out)
    return out


def build_for_server(files: ServerFiles, runtime: Java, out: Path) -> Path:
    """Compile the plugin against the jars of the managed server, which must be installed.

    Raises:
        ServerError: the sources do not compile.
    """
    jars = [*files.lib.glob("*.jar"), *files.plugins.glob("*.jar")]
    classpath = sorted(jar for jar in jars if jar.name != files.plugin_jar.name)
    return build(runtime.program, classpath, files.compiler, out)


def sources_digest() -> str:
    """Fingerprint of the shipped Java sources; empty if there are none."""
    sources = sorted(Path(str(resources.files("kgrec_gds.plugin"))).rglob("*.java"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest() if sources else ""


def _digest(folder: Path, sources: list[Path], jars: list[Path]) -> str:
    digest = hashlib.sha256(_RELEASE.encode())
    for source in sources:
        digest.update(source.relative_to(folder).as_posix().encode())
        digest.update(source.read_bytes())
    for jar in sorted(jars, key=lambda path: path.name):
        # Releases on Maven Central never change, so name and size identify a jar without reading it.
        digest.update(f"{jar.name} {jar.stat().st_size}".encode())
    return digest.hexdigest()


def _digest_of(jar: Path) -> str | None:
    try:
        with zipfile.ZipFile(jar) as archive:
            return archive.read(_DIGEST_ENTRY).decode()
    except (OSError, KeyError, zipfile.BadZipFile):
        return None


def compile_java(java: Path, classpath: list[Path], ecj: Path, sources: list[Path], out: Path) -> None:
    """Compile Java sources to classes in the folder `out`.

    Raises:
        ServerError: they do not compile against these jars, or Java cannot be run.
    """
    arguments = ["-source", _RELEASE, "-target", _RELEASE, "-proc:none", "-nowarn", "-encoding", "UTF-8"]
    # Relative names hold no colon, which would separate them.
    paths = os.pathsep.join(os.path.relpath(path, ecj.parent) for path in classpath)
    command = [str(java), "-jar", ecj.name, *arguments, "-cp", paths, "-d", str(out), *map(str, sources)]
    try:
        run = subprocess.run(  # noqa: S603 - our own command line, no shell
            command,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            cwd=ecj.parent,
            env={**os.environ, **ANY_ALPHABET},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServerError(f"Cannot run {java} to compile the plugin: {error}") from error
    if run.returncode != 0:
        lines = "\n".join((run.stdout + run.stderr).strip().splitlines()[:20])
        raise ServerError(f"The plugin does not compile against the server's jars:\n{lines}")


def _pack(classes: Path, digest: str, out: Path) -> None:
    partial = out.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w") as archive:
        entries = {
            path.relative_to(classes).as_posix(): path.read_bytes() for path in classes.rglob("*.class")
        }
        entries["META-INF/MANIFEST.MF"] = b"Manifest-Version: 1.0\r\n\r\n"
        entries[_DIGEST_ENTRY] = digest.encode()
        for name in sorted(entries):
            archive.writestr(
                zipfile.ZipInfo(name, _LONG_AGO), entries[name], compress_type=zipfile.ZIP_DEFLATED
            )
    partial.replace(out)  # a server that starts meanwhile never sees an incomplete jar
