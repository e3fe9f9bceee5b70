"""What the plugin keeps in memory for one database is not used for another."""

import os
import subprocess
from pathlib import Path

from kgrec_gds.server import java, plugin_build
from kgrec_gds.server.server_files import ServerFiles

SOURCE = Path(__file__).parent / "java" / "kgrec" / "recommend" / "TwoDatabases.java"
FILL = """
UNWIND range(0, size($movies) - 1) AS place
CREATE (:Movie {tconst: $movies[place], popularity: 10.0 - place, ratingCount: 3})
WITH count(*) AS movies
CREATE (:User {userId: 'somebody'})
CREATE (:ModelRun {id: 'run', created: datetime(), rankingLikedTogether: 0.0, rankingPeople: 0.0,
                   rankingPopularity: 1.0, popularityHalfLife: 100.0, rankingDigest: 'run'})
"""


def test_each_of_two_databases_is_answered_from_its_own_movies(server, tmp_path):
    files, program = ServerFiles(), java.find().program
    jars = sorted(files.plugins.glob("*.jar")) + sorted(files.lib.glob("*.jar"))
    plugin_build.compile_java(program, jars, files.compiler, [SOURCE], tmp_path)
    classpath = os.pathsep.join([str(tmp_path), str(files.plugins / "*"), str(files.lib / "*")])
    options = ["-Xmx512m", "-XX:TieredStopAtLevel=1", "--add-opens=java.base/java.nio=ALL-UNNAMED"]
    command = [program, *options, "-cp", classpath, "kgrec.recommend.TwoDatabases"]
    run = subprocess.run(
        [*command, tmp_path, files.plugins, FILL], capture_output=True, text=True, timeout=300, check=False
    )
    answers = [line for line in run.stdout.splitlines() if line.startswith("[")]
    first, second = "[tt1, tt2]", "[tt2, tt3, tt1]"
    assert answers == [first, second, first, second, "[tt2, tt1]", second], run.stdout + run.stderr
