"""The sections of the report, each described once for the page and for `tables.md`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.evaluation.published import WHY_IT_LEAKS
from kgrec_gds.evaluation.records import GRAPH_PAIRS, Record, Results
from kgrec_gds.evaluation.report import data_figures, model_figures
from kgrec_gds.evaluation.report import report_tables as tables
from kgrec_gds.evaluation.report.reading import HOW_TO_READ, reading
from kgrec_gds.features.table import Features

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kgrec_gds.data.splits import Protocol
    from kgrec_gds.evaluation.harness import Measured

_PROTOCOLS = {
    "global": "All ratings in time order: the first 64 % train, the next 16 % validate, the last 20 % test. Every training "
    "time is before every test time.",
    "per-user": "The same shares in each user's own time order. Features are causal, but parameters have seen later "
    "ratings of other users.",
}


class Heading(str):
    """Stands above the blocks that follow it."""


class Caution(str):
    """A paragraph that must not be overlooked."""


@dataclass(frozen=True)
class Section:
    """A title and what stands below it."""

    anchor: str
    title: str
    blocks: "tuple[str | list[str] | pd.DataFrame | dict[str, Figure], ...]"
    """Paragraphs, lists, tables, and figures by what they show."""


def sections(
    dataset: Dataset, measured: "Mapping[Protocol, Measured]", results: Results, audit: list[Record]
) -> list[Section]:
    """The main table and its reading, then everything else; without sections for what was not measured."""
    honest = [protocol for protocol in measured if protocol != "paper"]
    found = [_protocol(results, protocol) for protocol in honest]
    if honest:
        main = tables.main_table(results, honest).reset_index()
        found.insert(0, Section("result", "Result", (HOW_TO_READ, main, reading(results, honest))))
    if results.ranking:
        found.append(_ranking(results))
    if audit:
        found.append(_audit(audit))
    if "paper" in measured:
        compared, errors = tables.beside_published(results), tables.errors(results, "paper")
        below = Heading("All models under this protocol"), errors
        found.append(Section("paper", "Protocol paper: it leaks", (Caution(WHY_IT_LEAKS), compared, *below)))
    if curves := _training(measured):
        found.append(Section("training", "Training and attention", (curves,)))
    seconds = pd.DataFrame(results.seconds).drop(columns="seed").groupby(["protocol", "model"], sort=False)
    note = "As measured, with other models in parallel; predict covers all three histories."
    return [
        *found,
        Section("data", "Data", (_data(dataset),)),
        Section("time", "Seconds a fit", (note, seconds.mean().reset_index())),
    ]


def _protocol(results: Results, protocol: str) -> Section:
    models = dict.fromkeys(record["model"] for record in results.metrics)
    ablations = [("attention_lstm", model) for model in models if model.startswith("attention_lstm:")]
    blocks = (
        _PROTOCOLS[protocol],
        {"MSE by model and history": model_figures.model_comparison(results.metrics, protocol)},
        tables.errors(results, protocol),
        "Means over the seeds; spread is the standard deviation of the MSE between seeds.",
        Heading("Differences"),
        "Difference in MSE with its 95 % interval, negative where the first model is better: each rating's squared "
        "error averaged over the seeds, users resampled 2,000 times. without_heaviest_user leaves out the user with "
        "the most test ratings.",
        tables.differences(results, protocol, tables.OVERALL),
        Heading("Segments"),
        "MSE by segment. new_user and new_movie have no rating in training and validation; unrated_movie has no "
        "rating by anyone before; history_N counts the user's ratings before the test rating.",
        tables.by_segment(results, protocol),
        Heading("Ablations"),
        "The attention-LSTM against itself with a part left out, over the seeds that both have.",
        tables.differences(results, protocol, ("all",), [*ablations, *GRAPH_PAIRS]),
        Heading("Cold start: what the graph adds for new users and movies"),
        tables.differences(results, protocol, tables.COLD_START, _graph_pairs(models)),
    )
    return Section(protocol, f"Protocol {protocol}", blocks)


def _graph_pairs(models: Mapping[str, None]) -> list[tuple[str, str]]:
    """Pairs of a model with the graph and without, as far as they were measured."""
    without = ("no_vectors", "no_graph_features", "no_graph")
    pairs = [*GRAPH_PAIRS, *(("attention_lstm", f"attention_lstm:{part}") for part in without)]
    return [pair for pair in pairs if set(pair) <= set(models)]


_CASES = {
    "midpoint": "Each test user at the middle of their test ratings; relevant is what they rated 8 or more from then on. These "
    "cases lie within bursts of ratings.",
    "day": "Users with history at 00:00 UTC of days on which they rated, at most five days a user; relevant is what they rated "
    "8 or more on that day.",
}
_RANKING_NOTE = (
    "Protocol global, everything fitted before the cut-off; history and popularity as of each case. Top ten of all movies "
    "that the user has not rated; means over users with 95 % intervals over users. The models of ratings are ordered by "
    "predicted rating, on a sample of the cases. popularity_rank is the mean rank of the listed movies by ratings before the "
    "test; novelty is -log2 of a movie's share of all ratings; commonest_share is the share of the twenty commonest movies in "
    "all lists; ndcg_against_popularity weighs a hit by 1 / sqrt(ratings + 1)."
)


def _ranking(results: Results) -> Section:
    blocks: list[Any] = [
        _RANKING_NOTE,
        {"NDCG@10 against popularity rank": model_figures.accuracy_against_popularity(results.ranking)},
    ]
    for cases, note in _CASES.items():
        blocks += [Heading(f"{cases.capitalize()} cases"), note, tables.ranking(results, cases, "liked")]
        blocks += ["The same, relevant is whatever they rated.", tables.ranking(results, cases, "any")]
        blocks += ["NDCG by number of ratings before the case.", tables.ranking_by_segment(results, cases)]
    blocks += [
        Heading("Differences in NDCG"),
        tables.ranking_differences(results, ("ranking", "popular_365")),
    ]
    return Section("ranking", "Ranking", tuple(blocks))


def _audit(rows: list[Record]) -> Section:
    note = (
        "Every feature was computed again after its target's rating was changed, and after all ratings from a time on "
        "were changed or removed; with a day-old and a month-old history, too. The last rows of the default preset "
        "are predictions of models fitted for the audit, end to end. All on the first ratings of the log."
    )
    summaries = []
    for preset in dict.fromkeys(row["preset"] for row in rows):
        verdicts = {row["feature"]: row["verdict"] for row in rows if row["preset"] == preset}
        unclean = [feature for feature, verdict in verdicts.items() if verdict != "clean"]
        result = f"{len(unclean)} are not clean: {', '.join(unclean)}" if unclean else "all are clean"
        summaries.append(f"Preset {preset}, {len(verdicts)} rows: {result}.")
    return Section("audit", "Leakage audit", (note, *summaries, pd.DataFrame(rows)))


def _data(dataset: Dataset) -> "dict[str, Figure]":
    ratings, features = dataset.ratings, dataset.derive(Features)
    names = tuple(name for name in data_figures.CORRELATED if name in features.names)
    values = features.table(Queries.of(ratings), names).values
    return {
        "Histogram of ratings": data_figures.rating_histogram(ratings),
        "Ratings by user": data_figures.activity(ratings.user_index, "user"),
        "Ratings by movie": data_figures.activity(ratings.movie_index, "movie"),
        "Ratings by year": data_figures.trend_by_year(ratings),
        "Ratings by month": data_figures.trend_by_month(ratings),
        "Correlations of features": data_figures.correlation_heatmap(ratings.rating, names, values),
        "Part of the graph": data_figures.graph_around_most_rated(dataset),
    }


def _training(measured: "Mapping[Protocol, Measured]") -> "dict[str, Figure]":
    shown = {}
    for protocol, part in measured.items():
        curves = model_figures.training_curves(part.cells, protocol)
        if curves is not None:
            shown[f"Training curves, {protocol}"] = curves
        weights = next((cell.attention for cell in part.cells if cell.attention is not None), None)
        if weights is not None and len(weights):
            shown[f"Attention, {protocol}"] = model_figures.attention_heatmap(weights)
    return shown
