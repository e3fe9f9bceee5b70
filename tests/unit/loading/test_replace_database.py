from kgrec_gds.loading.replace_database import admin_progress


def test_progress_of_neo4j_admin_covers_all_steps() -> None:
    reported: list[int] = []
    read = admin_progress(reported.append)
    for line in (
        "Import starting",
        "(1/4) Node import",
        "..........  50% 1s",
        "(4/4) Post processing",
        "... 100%",
    ):
        read(line)
    assert reported == [0, 12, 75, 100]
