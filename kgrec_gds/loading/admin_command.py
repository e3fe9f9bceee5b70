"""The neo4j-admin commands that load the CSV into a database that the user runs."""

import shlex
from pathlib import Path

from kgrec_gds.database import queries
from kgrec_gds.loading.constraints import schema_steps
from kgrec_gds.loading.graph_layout import NODES, RELATIONSHIPS, RelationshipTable

SCHEMA_FILE = "schema.cypher"
#: The first file of a table that Spark wrote in parts.
HEADER = "header.csv"

#: Not /import, where compose.yml mounts the repository's folder: the first mount of a path wins.
_CONTAINER_CSV = "/kgrec-csv"


def import_arguments(csv: Path | str, *more: RelationshipTable, parts: bool = False) -> list[str]:
    """Arguments of `database import full` after the name of the database.

    Args:
        csv: the folder as neo4j-admin sees it.
        more: further tables whose files are there.
        parts: whether a table is a folder of files, the first of which is its header.
    """

    def files(name: str) -> str:
        path = f"{csv}/{name}.csv"
        return f"{path}/{HEADER},{path}/part-.*" if parts else path

    return [
        "--multiline-fields=true",
        "--id-type=string",
        # Clean tables have no bad rows, so one is a bug; by default neo4j-admin tolerates any number.
        "--bad-tolerance=0",
        *(f"--nodes={'' if it.label_flags else it.label + '='}{files(it.name)}" for it in NODES),
        *(f"--relationships={it.type}={files(it.name)}" for it in RELATIONSHIPS),
        *(f"--relationships={it.type}={csv}/{it.name}.csv" for it in more),
    ]


def in_parts(csv: Path) -> bool:
    """Whether the tables of a CSV folder are folders of parts, as Spark writes them."""
    return (csv / f"{NODES[0].name}.csv").is_dir()


def write_schema_file(folder: Path) -> Path:
    """Write all constraints and indexes as one script for cypher-shell."""
    path = folder / SCHEMA_FILE
    path.write_text(
        "".join(f"{queries.load(step).text.rstrip()};\n\n" for step in schema_steps()), encoding="utf-8"
    )
    return path


def printed_commands(csv: Path) -> dict[str, str]:
    """Shell commands for `docker` (the project's compose file) and `local` (an installed Neo4j).

    Both replace the database: neo4j-admin needs it stopped, and overwrites it.
    """
    full = ["database", "import", "full", "neo4j", "--overwrite-destination=true"]
    inside = shlex.join([*full, *import_arguments(_CONTAINER_CSV, parts=in_parts(csv))])
    mounted = shlex.quote(f"{csv}:{_CONTAINER_CSV}")
    compose = "docker compose --file docker/compose.yml"
    schema = shlex.quote(str(csv / SCHEMA_FILE))
    # Passed in the environment, because command lines are visible to every user of the machine.
    login = 'NEO4J_USERNAME=neo4j NEO4J_PASSWORD="$(cat /run/secrets/neo4j_password)"'
    folder = shlex.quote(str(csv))
    docker = (
        # Only their owner reads the files, but the server in the container is another user.
        f"chmod go+rX {folder}",
        f"chmod -R go+rX {folder}/*.csv",
        f"{compose} stop neo4j",
        f"{compose} run --rm --no-deps --volume {mounted} neo4j neo4j-admin {inside}",
        f"{compose} up --detach --wait neo4j",
        f"{compose} exec --no-TTY neo4j sh -c '{login} cypher-shell' < {schema}",
        f"chmod go-r {folder}",
        f"chmod -R go-r {folder}/*.csv",
    )
    local = (
        "neo4j stop",
        f"neo4j-admin {shlex.join([*full, *import_arguments(csv, parts=in_parts(csv))])}",
        "neo4j start",
        f"cypher-shell --username neo4j --file {schema}",
    )
    return {"docker": " &&\n".join(docker), "local": " &&\n".join(local)}
