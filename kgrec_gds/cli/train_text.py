"""The text that `kgrec-gds train` prints."""

from typing import TYPE_CHECKING

from kgrec_gds.cli.options import literal

if TYPE_CHECKING:
    from rich.console import Group

    from kgrec_gds.workflows.train import Trained

_SIGNALS = {"liked_together": "liked together", "people": "shared people", "popularity": "popularity"}
_HISTORIES = {"at_once": "at once", "day_old": "a day old", "month_old": "a month old"}


def errors(result: "Trained") -> "Group":
    """A table of mean squared errors by age of the history, and where the run is."""
    from rich.console import Group
    from rich.table import Table

    table = Table(
        title=f"Mean squared error on {result.events['test']:,} test ratings, protocol {result.protocol}",
        caption="By age of the user's history when the rating is predicted",
    )
    table.add_column("model")
    for age in _HISTORIES.values():
        table.add_column(age, justify="right")
    for model, by_age in result.metrics.items():
        table.add_row(
            literal(model), *(f"{by_age[age]['mse']:.4f}" if age in by_age else "-" for age in _HISTORIES)
        )
    chosen = [
        f"{count} {name}" for name, count in (("epochs", result.epochs), ("trees", result.trees)) if count
    ]
    vectors = f"{result.embeddings} vectors" if result.embeddings else "no vectors"
    lines = [
        f"Model run {result.model_id}: {', '.join([result.model, vectors, *chosen])}, in {result.folder}"
    ]
    if result.ranking:
        lines.append(_ranking(result.ranking))
    if result.predictions_written is not None:
        lines.append(f"Wrote {result.predictions_written:,} predictions.")
    return Group(table, *(literal(line) for line in lines))


def _ranking(ranking: dict[str, float]) -> str:
    """How the ranking combines its signals, and how good its lists are."""
    weights = ", ".join(f"{ranking[key]:g} {name}" for key, name in _SIGNALS.items())
    text = f"Ranking: {weights} with a half-life of {ranking['half_life'] / 86_400:g} days"
    if "ndcg" in ranking:
        text += f"; NDCG@10 on the test {ranking['ndcg']:.3f}, of popularity alone {ranking['ndcg_popularity']:.3f}"
    return text
