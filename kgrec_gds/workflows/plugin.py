"""The command `plugin build`: the project's procedures as jars for any server."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from kgrec_gds.errors import InputError
from kgrec_gds.progress import Timer
from kgrec_gds.server import java, lockfile
from kgrec_gds.server.installation import install
from kgrec_gds.server.jar_download import sha256
from kgrec_gds.server.plugin_build import build_for_server
from kgrec_gds.server.server_files import ServerFiles

_ONNX_RUNTIME = "com.microsoft.onnxruntime:"


@dataclass(frozen=True)
class BuildResult:
    """The jars for the server's plugins folder."""

    jar: Path
    bytes: int
    runtime: Path
    """The jar of ONNX Runtime, which the procedures that ask a network need beside it."""
    gds_jars: int
    """Number of jars of the Graph Data Science library; 0 unless they were asked for."""
    seconds: dict[str, float]
    """Duration by stage."""


def build(out: Path, *, with_gds: bool = False) -> BuildResult:
    """Compile the plugin into the folder `out` and put ONNX Runtime beside it, and GDS if asked for.

    Java and jars are the managed server's, which is installed if missing: `jars.lock` has the SHA-256 of each.

    Raises:
        InputError: `out` has a GDS already, which the server would load with this one.
        ServerError: the server cannot be installed, or the sources do not compile.
    """
    timer = Timer()
    if with_gds and (other := next(out.glob("*graph-data-science*.jar"), None)):
        raise InputError(f"{other} is a GDS already. Remove it, or leave out --with-gds.")
    with timer.stage("plugin"):
        install()
        files = ServerFiles()
        jar = build_for_server(files, java.find(), out / files.plugin_jar.name)
        beside = [
            locked
            for locked in lockfile.read()
            if locked.folder == "plugins" and (with_gds or locked.coordinate.startswith(_ONNX_RUNTIME))
        ]
        placed = [_place(locked, files, out) for locked in beside]
        (runtime,) = (path for path in placed if path.name.startswith("onnxruntime-"))
    return BuildResult(jar, jar.stat().st_size, runtime, len(placed) - 1, timer.seconds)


def _place(locked: lockfile.Jar, files: ServerFiles, out: Path) -> Path:
    path, artifact = out / locked.path.name, locked.coordinate.split(":")[1]
    for old in set(out.glob(f"{artifact}-[0-9]*.jar")) - {path}:
        old.unlink()  # the server would load both versions
    if not path.exists() or sha256(path) != locked.sha256:
        shutil.copyfile(files.plugins / path.name, path)
    return path
