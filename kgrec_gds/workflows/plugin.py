"""The command `plugin build`: the project's procedures as a jar for any server."""

from dataclasses import dataclass
from pathlib import Path

from kgrec_gds.progress import Timer
from kgrec_gds.server import java
from kgrec_gds.server.installation import install
from kgrec_gds.server.plugin_build import build_for_server
from kgrec_gds.server.server_files import ServerFiles


@dataclass(frozen=True)
class BuildResult:
    """The plugin's jar."""

    jar: Path
    bytes: int
    seconds: dict[str, float]
    """Duration by stage."""


def build(out: Path) -> BuildResult:
    """Compile the plugin into the folder `out` with the managed server's Java and jars, which are installed if missing.

    Raises:
        ServerError: the server cannot be installed, or the sources do not compile.
    """
    timer = Timer()
    with timer.stage("plugin"):
        install()
        files = ServerFiles()
        jar = build_for_server(files, java.find(), out / files.plugin_jar.name)
    return BuildResult(jar, jar.stat().st_size, timer.seconds)
