"""What an import did, for a person to read."""

from kgrec_gds.loading.bolt import TableOutcome
from kgrec_gds.workflows.import_ import Imported

_HEADINGS = {
    "managed": "The graph was replaced and holds",
    "csv": "The CSV files hold",
    "bolt": "The graph holds",
    "update": "The graph holds",
}


def summary(done: Imported) -> str:
    """Counts, what is new and changed, where the reports are, and, without a load, the commands to run."""
    counts = {**done.nodes, **done.relationships}
    lines = [_HEADINGS[done.way], *(f"{count:>12,}  {name}" for name, count in counts.items())]
    if done.rows is not None:
        lines += ["", "         new     changed   unchanged  rows of"]
        lines += [f"{r.new:>12,}{r.changed:>12,}{r.unchanged:>12,}  {name}" for name, r in done.rows.items()]
        if _outdates_predictions(done, done.rows):
            lines += [
                "",
                "The graph's predictions do not know these ratings: kgrec-gds predict makes them anew.",
            ]
    gone = sum(
        sum(table["faults"].values()) + sum(table["unknown"].values()) for table in done.tables.values()
    )
    lines += [
        "",
        f"Quality report: {done.quality_report.with_suffix('.txt')}",
        f"Rows set aside: {gone:,}, in {done.quarantine}",
    ]
    for place, command in (done.commands or {}).items():
        lines += ["", f"# {place}: this replaces the database", command]
    return "\n".join(lines)


def _outdates_predictions(done: Imported, rows: dict[str, TableOutcome]) -> bool:
    # `recommend` sees that ratings are newer than a prediction, but not that older ones came later.
    given = rows["ratings"]
    return done.relationships.get("PREDICTED_RATING", 0) > 0 and given.new + given.changed > 0
