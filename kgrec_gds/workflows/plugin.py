"""The command `plugin build`: the project's procedures as jars for any server."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from kgrec_gds.progress import Timer
from kgrec_gds.server import java
from kgrec_gds.server.installation import install
from kgrec_gds.server.plugin_build import build_for_server
from kgrec_gds.server.server_files import ServerFiles


@dataclass(frozen=True)
class BuildResult:
    """The jars for the server's plugins folder."""

    jar: Path
    bytes: int
    runtime: Path
    """The jar of ONNX Runtime, which the procedures that ask a network need beside it."""
    seconds: dict[str, float]
    """Duration by stage."""


def build(out: Path) -> BuildResult:
    """Compile the plugin into the folder `out` and put ONNX Runtime beside it.

    Java and jars are the managed server's, which is installed if missing.

    Raises:
        ServerError: the server cannot be installed, or the sources do not compile.
    """
    timer = Timer()
    with timer.stage("plugin"):
        install()
        files = ServerFiles()
        jar = build_for_server(files, java.find(), out / files.plugin_jar.name)
        (shipped,) = files.plugins.glob("onnxruntime-*.jar")
        runtime = out / shipped.name
        for old in set(out.glob("onnxruntime-*.jar")) - {runtime}:
            old.unlink()  # the server would load both versions
        if not runtime.exists() or runtime.stat().st_size != shipped.stat().st_size:
            shutil.copyfile(shipped, runtime)
    return BuildResult(jar, jar.stat().st_size, runtime, timer.seconds)
