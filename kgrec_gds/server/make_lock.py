"""For maintainers: update `jars.lock` with `python -m kgrec_gds.server.make_lock`.

Change a version below, run it (two minutes), review the diff, run the integration tests, and commit both. jgo resolves all
dependencies together, so that Neo4j and GDS agree on shared versions. See `jar_download.py` for mirrors.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kgrec_gds.progress import bars
from kgrec_gds.server import lockfile
from kgrec_gds.server.jar_download import repositories, sha256

NEO4J = "2026.09.0"
GDS = "2.26.0"
#: Runs the published network in the project's procedures.
ONNX_RUNTIME = "1.29.0"
NEO4J_ROOTS = (
    f"org.neo4j:neo4j:{NEO4J}",
    f"org.neo4j.app:neo4j-server:{NEO4J}",
    "org.neo4j.client:neo4j-browser:5.24.0",
)
PLUGIN_ROOTS = (
    f"org.neo4j.gds:proc:{GDS}",
    f"org.neo4j.gds:open-licensing:{GDS}",
    f"org.neo4j.gds:open-model-catalog:{GDS}",
    f"org.neo4j.gds:opengds-extension:{GDS}",
    f"com.microsoft.onnxruntime:onnxruntime:{ONNX_RUNTIME}",
)
#: The Eclipse compiler for the plugin, not loaded by the server.
COMPILER = "org.eclipse.jdt:ecj:3.46.100"
#: Test libraries that some projects publish as compile dependencies.
TEST_LIBRARIES = ("junit", "org.hamcrest", "org.mockito")


def resolve() -> list[lockfile.Jar]:
    """Resolve the roots, download every jar and hash it; in `plugins` is what Neo4j alone does not have."""
    from jgo.maven import MavenContext, ProfileConstraints, PythonResolver

    # A fixed platform, so that the lock file does not depend on the machine.
    resolver = PythonResolver(ProfileConstraints(os_name="Linux", os_family="unix", os_arch="amd64"))
    with TemporaryDirectory() as folder:
        context = MavenContext(resolver, Path(folder), remote_repos=repositories(), timeout=60)

        def resolved(roots: tuple[str, ...]) -> list[Any]:
            inputs, others = resolver.resolve([context.create_dependency(root) for root in roots])
            artifacts = [dependency.artifact for dependency in (*inputs, *others)]
            return [artifact for artifact in artifacts if artifact.groupId not in TEST_LIBRARIES]

        of_neo4j = {_project(artifact) for artifact in resolved(NEO4J_ROOTS)}
        artifacts = [
            ("lib" if _project(artifact) in of_neo4j else "plugins", artifact)
            for artifact in resolved(NEO4J_ROOTS + PLUGIN_ROOTS)
        ]
        artifacts.append(("tools", context.create_dependency(COMPILER).artifact))
        with ThreadPoolExecutor(8) as pool, bars() as progress:
            jars = pool.map(_lock, *zip(*artifacts, strict=True))
            return list(progress.track(jars, total=len(artifacts), description="jars"))


def _project(artifact: Any) -> tuple[str, str]:
    return artifact.groupId, artifact.artifactId


def _lock(folder: str, artifact: Any) -> lockfile.Jar:
    path = Path(artifact.resolve())
    parts = (artifact.groupId, artifact.artifactId, artifact.packaging, artifact.classifier, artifact.version)
    coordinate = ":".join(part for part in parts if part)
    return lockfile.Jar(folder, coordinate, sha256(path), path.stat().st_size)


if __name__ == "__main__":
    Path(__file__).with_name("jars.lock").write_text(lockfile.write(resolve()), encoding="utf-8")
