"""Figures of the models: how they compare, how they were trained, what they attend to."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.evaluation.cells import Cell
from kgrec_gds.evaluation.records import Record
from kgrec_gds.evaluation.report.drawing import BLUE, GREY, ORANGE, one_plot

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def model_comparison(metrics: list[Record], protocol: str) -> "Figure":
    """Mean squared error of each model, best on top; the whisker spans the seeds."""
    by_model: dict[str, list[float]] = {}
    for record in metrics:
        if record["protocol"] == protocol and record["segment"] == "all" and record["mse"] is not None:
            by_model.setdefault(record["model"], []).append(record["mse"])
    ordered = sorted(by_model, key=lambda model: -float(np.mean(by_model[model])))
    means = np.array([np.mean(by_model[model]) for model in ordered])
    # The mean of equal numbers can fall a rounding beside them, and matplotlib refuses a whisker below nothing.
    spans = np.array(
        [[np.mean(v) - min(v), max(v) - np.mean(v)] for v in map(by_model.get, ordered) if v]
    ).clip(0)
    figure, axes = one_plot(7.2, 0.8 + 0.28 * len(ordered))
    colours = [ORANGE if model == "default" else BLUE if "lstm" in model else GREY for model in ordered]
    axes.barh(ordered, means, color=colours, xerr=spans.T if len(spans) else None)
    for place, mean in enumerate(means):
        axes.annotate(f"{mean:.3f}", (mean, place), xytext=(6, -3), textcoords="offset points", fontsize=8)
    axes.set(xlabel="mean squared error (less is better)", title=f"Models, protocol {protocol}")
    axes.tick_params(axis="y", labelsize=8)
    return figure


def training_curves(cells: list[Cell], protocol: str) -> "Figure | None":
    """Training and validation error by epoch of the first seed's runs; None where no model told."""
    told = [cell for cell in cells if cell.curves and cell.seed == 0 and ":" not in cell.model]
    if not told:
        return None
    figure, axes = one_plot(7.2, 4)
    for cell in told:
        epochs = [step["epoch"] for step in cell.curves]
        (line,) = axes.plot(
            epochs,
            [step.get("validation", np.nan) for step in cell.curves],
            marker="o",
            ms=3,
            label=cell.model,
        )
        axes.plot(epochs, [step["train"] for step in cell.curves], ls=":", color=line.get_color())
    axes.set(
        xlabel="epoch",
        ylabel="mean squared error",
        title=f"Training (dotted) and validation, protocol {protocol}",
    )
    axes.legend(fontsize=8, frameon=False)
    return figure


def attention_heatmap(weights: NDArray[np.float32]) -> "Figure":
    """Attention of some test predictions over their histories.

    Args:
        weights: shape (predictions, steps), the latest step last; NaN where a history is shorter.
    """
    figure, axes = one_plot(7.2, 4)
    masked = np.ma.masked_invalid(weights)
    image = axes.imshow(masked, aspect="auto", cmap="viridis", interpolation="nearest")
    steps = weights.shape[1]
    ticks = np.arange(steps - 1, -1, -max(1, steps // 8))
    axes.set_xticks(ticks, [str(steps - tick) for tick in ticks])
    axes.set(xlabel="steps before the prediction", ylabel="prediction", title="Attention over the history")
    figure.colorbar(image, label="weight")
    return figure
