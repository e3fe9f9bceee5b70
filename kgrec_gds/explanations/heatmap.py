"""The attention of several users' recommendations as one picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError

_LONGEST_TITLE = 24
_INCHES_A_COLUMN, _INCHES_A_ROW = 0.26, 0.24


def attention_heatmap(
    connection: Connection, users: Sequence[str], out: Path, *, model_id: str | None = None, k: int = 10
) -> Path:
    """Draw what `predict` wrote: a panel a user, a row a recommendation, a column a past movie, the oldest on the left.

    The suffix of `out` gives the format. By default the model is the promoted, else the one that predicted last.

    Raises:
        InputError: a user has no written recommendation with attention.
    """
    panels = {
        user: connection.run("explanations/attention", userId=user, modelId=model_id, k=k) for user in users
    }
    for user, rows in panels.items():
        if not any(row["weights"] for row in rows):
            raise InputError(
                f"The graph holds no recommendation with attention for user {user!r}. Write some with a model that has "
                "attention: kgrec-gds predict --users all."
            )
    figure = _draw(panels)
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=110)
    return out


def _draw(panels: dict[str, list[dict[str, Any]]]) -> Any:
    from matplotlib.figure import Figure

    width = max(len(row["weights"]) for rows in panels.values() for row in rows)
    heights = [len(rows) for rows in panels.values()]
    size = (4.5 + _INCHES_A_COLUMN * width, sum(2.4 + _INCHES_A_ROW * height for height in heights))
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=[6 + height for height in heights])[
        :, 0
    ]
    for axis, (user, rows) in zip(axes, panels.items(), strict=True):
        steps = max(len(row["weights"]) for row in rows)
        # Recommendations made at one time see the same steps; a shorter row, if any, ends at the latest one.
        cells = np.full((len(rows), steps), np.nan)
        for place, row in enumerate(rows):
            cells[place, steps - len(row["weights"]) :] = row["weights"]
        longest = max((row["attended"] for row in rows), key=len)
        image = axis.imshow(cells, aspect="auto", cmap="Oranges", vmin=0)
        axis.set_xticks(range(len(longest)), [_short(title) for title in longest], rotation=90, fontsize=7)
        names = [f"{_short(row['title'])}  {row['rating']:.1f}" for row in rows]
        axis.set_yticks(range(len(rows)), names, fontsize=8)
        axis.set_title(f"user {user}", loc="left", fontsize=10)
        figure.colorbar(image, ax=axis, label="attention", pad=0.01)
    figure.suptitle(
        "Attention of recommendations (rows) over the user's past movies, oldest left", fontsize=11
    )
    return figure


def _short(title: str) -> str:
    # matplotlib reads a dollar sign as the start of a formula
    title = title.replace("$", r"\$")
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…"
