"""Figures of the models: their errors, their training, their attention."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.evaluation.cells import Cell
from kgrec_gds.evaluation.records import Record
from kgrec_gds.evaluation.report.drawing import BLUE, GREY, ORANGE, one_plot
from kgrec_gds.evaluation.report.report_tables import HORIZON_NAMES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLORS = (BLUE, ORANGE, GREY)


def model_comparison(metrics: list[Record], protocol: str) -> "Figure":
    """Mean squared error of each model at each horizon, the lowest on top; whiskers span the seeds."""
    by_model: dict[str, dict[str, list[float]]] = {}
    for record in metrics:
        if record["protocol"] == protocol and record["segment"] == "all" and record["mse"] is not None:
            by_model.setdefault(record["model"], {}).setdefault(record["horizon"], []).append(record["mse"])
    ordered = sorted(by_model, key=lambda model: -float(np.mean(by_model[model]["at_once"])))
    figure, axes = one_plot(7.2, 0.9 + 0.42 * len(ordered))
    height = 0.8 / len(HORIZON_NAMES)
    for number, ((horizon, name), color) in enumerate(zip(HORIZON_NAMES.items(), _COLORS, strict=True)):
        values = [np.array(by_model[model].get(horizon, [np.nan])) for model in ordered]
        means = np.array([each.mean() for each in values])
        # The mean of equal numbers can be off by a rounding, and matplotlib refuses a negative whisker.
        low, high = (np.array([getattr(each, end)() for each in values]) for end in ("min", "max"))
        spans = np.stack([means - low, high - means]).clip(0)
        place = np.arange(len(ordered)) + (1 - number) * height
        axes.barh(place, means, height, color=color, xerr=spans if ordered else None, label=name)
        for at, mean in zip(place, means, strict=True):
            if np.isfinite(mean):
                axes.annotate(
                    f"{mean:.3f}", (mean, at), xytext=(6, -2), textcoords="offset points", fontsize=6
                )
    axes.set_yticks(range(len(ordered)), ordered, fontsize=8)
    axes.set(xlabel="mean squared error (lower is better)", title=f"Models, protocol {protocol}")
    axes.legend(title="history", fontsize=8, frameon=False)
    return figure


def training_curves(cells: list[Cell], protocol: str) -> "Figure | None":
    """Training and validation error by epoch of the first seed's fits; None where no model has epochs."""
    shown = [cell for cell in cells if cell.history and not cell.key.seed and ":" not in cell.key.model]
    if not shown:
        return None
    figure, axes = one_plot(7.2, 4)
    for cell in shown:
        names = ("epoch", "train_mse", "validation_mse")
        epochs, train, held = ([step.get(name, np.nan) for step in cell.history] for name in names)
        (line,) = axes.plot(epochs, held, marker="o", ms=3, label=cell.key.model)
        axes.plot(epochs, train, ls=":", color=line.get_color())
    title = f"Training (dotted) and validation, protocol {protocol}"
    axes.set(xlabel="epoch", ylabel="mean squared error", title=title)
    axes.legend(fontsize=8, frameon=False)
    return figure


def attention_heatmap(weights: NDArray[np.float32]) -> "Figure":
    """Attention of some test predictions over their histories.

    `weights` has shape (predictions, window), the latest step last; 0 where a history is shorter.
    """
    figure, axes = one_plot(7.2, 4)
    masked = np.ma.masked_equal(weights, 0)
    image = axes.imshow(masked, aspect="auto", cmap="viridis", interpolation="nearest")
    steps = weights.shape[1]
    ticks = np.arange(steps - 1, -1, -max(1, steps // 8))
    axes.set_xticks(ticks, [str(steps - tick) for tick in ticks])
    axes.set(xlabel="steps before the prediction", ylabel="prediction", title="Attention over the history")
    figure.colorbar(image, label="weight")
    return figure


def accuracy_against_popularity(ranking: list[Record]) -> "Figure":
    """NDCG@10 of midpoint cases with liked movies relevant against the mean popularity rank, a point a model."""
    figure, axes = one_plot(7.2, 4.2)
    for record in ranking:
        if (record["cases"], record["relevant"]) != ("midpoint", "liked"):
            continue
        at = record["popularity_rank"], record["ndcg"]
        color = ORANGE if record["model"].startswith("ranking") else BLUE
        axes.plot(*at, "o", color=color)
        axes.annotate(record["model"], at, xytext=(4, 4), textcoords="offset points", fontsize=7)
    axes.set_xscale("log")
    axes.set(xlabel="mean popularity rank of the listed movies (1 is the most rated)", ylabel="NDCG@10")
    axes.set_title("Accuracy against popularity, midpoint cases, liked movies")
    return figure
