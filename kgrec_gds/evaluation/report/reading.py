"""The main table in sentences."""

from collections.abc import Iterable

from kgrec_gds.evaluation.records import Results
from kgrec_gds.evaluation.report.report_tables import HORIZON_NAMES, difference, main_table
from kgrec_gds.evaluation.variants import variant

#: Pairs of which the reading speaks.
_PAIRS = (("blend", "trees_graph"), ("attention_lstm", "trees_graph"), ("trees_graph", "trees"))

HOW_TO_READ = (
    "Mean squared error on the test ratings, means over the seeds; lower is better. At once: with all history before the "
    "rating. A day old and a month old: the history ends a day or 30 days before the rating, which is when a "
    "recommendation is really made."
)


def reading(results: Results, protocols: Iterable[str]) -> list[str]:
    """Sentences: the best model of each protocol and horizon, the pairs that matter, why an error is missing."""
    sentences = []
    for protocol in protocols:
        table = main_table(results, [protocol]).dropna(axis="columns", how="all")
        best = [
            f"{table[column].idxmin()} {column.removeprefix(f'{protocol}, ')} ({table[column].min():.3f})"
            for column in table.columns
        ]
        sentences.append(f"Lowest error under {protocol}: {', '.join(best)}.")
        sentences += _compared(results, protocol)
    return [*sentences, *_overlaps(results), *_missing(results)]


def _compared(results: Results, protocol: str) -> list[str]:
    found: dict[tuple[str, str], list[str]] = {pair: [] for pair in _PAIRS}
    for record in results.comparisons:
        pair = record["model"], record["against"]
        if pair in found and (record["protocol"], record["segment"]) == (protocol, "all"):
            found[pair].append(f"{HORIZON_NAMES[record['horizon']]} {difference(record)}")
    return [
        f"{model} minus {against} under {protocol}: {'; '.join(each)}."
        for (model, against), each in found.items()
        if each
    ]


def _overlaps(results: Results) -> list[str]:
    shares = [
        f"{record['share']:.1%} ({HORIZON_NAMES[record['horizon']]})"
        for record in results.overlap
        if record["share"]
    ]
    measured = dict.fromkeys(record["model"] for record in results.metrics)
    favoured = [name for name in measured if variant(name).entry.user_parameters]
    if not (shares and favoured):
        return []
    return [
        f"Under global, {' and '.join(shares)} of the test ratings follow so soon after the cut-off that training has seen "
        f"ratings later than their history. This favours {', '.join(favoured)}, whose user parameters know these ratings."
    ]


def _missing(results: Results) -> list[str]:
    by_reason: dict[tuple[str, str], list[str]] = {}
    for record in results.not_measured:
        if record["protocol"] != "paper":
            models = by_reason.setdefault((record["protocol"], record["reason"]), [])
            if record["model"] not in models:
                models.append(record["model"])
    return [
        f"No error with an old history under {protocol} ({', '.join(models)}): {reason}."
        for (protocol, reason), models in by_reason.items()
    ]
