"""Figures of the data set: what was rated, by whom and when, and a part of the graph."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset, Ratings
from kgrec_gds.evaluation.report.drawing import BLUE, ORANGE, one_plot

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Columns of the correlation heatmap, as far as the features have them.
CORRELATED = (
    "baseline", "user_count", "user_rating_mean", "user_rating_std", "user_residual_ewma5", "movie_count",
    "movie_rating_mean", "movie_residual_mean", "movie_year", "movie_years_old", "time_year", "time_month",
    "graph_director_residual", "graph_actor_residual", "graph_user_genre_residual",
)  # fmt: skip


def rating_histogram(ratings: Ratings) -> "Figure":
    """How often each rating was given."""
    figure, axes = one_plot()
    values, counts = np.unique(ratings.rating, return_counts=True)
    axes.bar(values, counts, width=0.8 * (np.diff(values).min() if len(values) > 1 else 1), color=BLUE)
    axes.set(xlabel="rating", ylabel="ratings", title="Ratings given")
    return figure


def activity(index: NDArray[np.integer], what: str) -> "Figure":
    """Number of ratings of each user or movie in descending order, both axes logarithmic."""
    figure, axes = one_plot()
    counts = np.sort(np.bincount(index))[::-1]
    counts = counts[counts > 0]
    axes.loglog(np.arange(1, len(counts) + 1), counts, color=BLUE)
    axes.set(xlabel=f"{what}s, the most active first", ylabel="ratings", title=f"Ratings by {what}")
    return figure


def trend_by_year(ratings: Ratings) -> "Figure":
    """Number and mean of the ratings of each year."""
    year = ratings.rated_at.astype("datetime64[s]").astype("datetime64[Y]").astype(int) + 1970
    return _trend(year, ratings.rating, "year")


def trend_by_month(ratings: Ratings) -> "Figure":
    """Number and mean of the ratings of each month of the year."""
    month = ratings.rated_at.astype("datetime64[s]").astype("datetime64[M]").astype(int) % 12 + 1
    return _trend(month, ratings.rating, "month")


def _trend(group: NDArray[np.integer], rating: NDArray[np.float32], name: str) -> "Figure":
    from matplotlib.ticker import MaxNLocator

    figure, axes = one_plot()
    values, which = np.unique(group, return_inverse=True)
    counts = np.bincount(which)
    axes.bar(values, counts, color=BLUE, alpha=0.4)
    axes.set(xlabel=name, ylabel="ratings", title=f"Ratings by {name}: number (bars) and mean (line)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    means = axes.twinx()
    means.plot(values, np.bincount(which, rating) / counts, color=ORANGE, marker="o")
    means.set(ylabel="mean rating", ylim=(1, 10))
    return figure


def correlation_heatmap(
    rating: NDArray[np.float32], names: tuple[str, ...], values: NDArray[np.float32]
) -> "Figure":
    """Correlations of the rating, shape (events,), and some features, shape (events, features); 0 for a constant."""
    labels = ["rating", *names]
    correlation = pd.DataFrame(np.column_stack([rating, values]), dtype=np.float64).corr().fillna(0)
    figure, axes = one_plot(7.2, 6)
    image = axes.imshow(correlation, vmin=-1, vmax=1, cmap="RdBu_r")
    axes.set_xticks(range(len(labels)), labels, rotation=60, ha="right", fontsize=7)
    axes.set_yticks(range(len(labels)), labels, fontsize=7)
    axes.set_title("Correlation of the rating and some features")
    figure.colorbar(image, shrink=0.8)
    return figure


def graph_around_most_rated(dataset: Dataset, *, others: int = 2) -> "Figure":
    """The movie with the most ratings, its people and genres, and movies that share a person with it."""
    movies, facts = dataset.movies, dataset.movies.relations
    centre = int(np.bincount(dataset.ratings.movie_index, minlength=len(movies)).argmax())
    # Two movies can have the same title, and one person several roles, so a node is identified by its key.
    nodes = {movies.tconst[centre]: _Node(_short(movies.title[centre]), 0.0, 0.0, movie=True)}
    edges: list[tuple[str, str, str]] = []
    around = [
        (relation, int(entity))
        for relation, rows in facts.items()
        for entity in rows.of(centre)[: 3 if relation == "actors" else 2]
    ]
    for number, (relation, entity) in enumerate(around):
        angle = 2 * np.pi * number / max(len(around), 1)
        rows = facts[relation]
        key, name = rows.keys[entity], (rows.keys if rows.names is None else rows.names)[entity]
        nodes.setdefault(key, _Node(_short(name), float(np.cos(angle)), float(np.sin(angle)), movie=False))
        edges.append((movies.tconst[centre], key, relation))
        if relation == "genres":
            continue
        owners = np.searchsorted(rows.indptr, np.flatnonzero(rows.indices == entity), side="right") - 1
        for step, owner in enumerate([o for o in owners.tolist() if o != centre][:others]):
            turn = angle + (step - (others - 1) / 2) * 0.28
            place = 1.9 * float(np.cos(turn)), 1.9 * float(np.sin(turn))
            nodes.setdefault(movies.tconst[owner], _Node(_short(movies.title[owner]), *place, movie=True))
            edges.append((key, movies.tconst[owner], relation))
    return _draw_graph(nodes, edges)


class _Node(NamedTuple):
    label: str
    x: float
    y: float
    movie: bool


def _short(title: object) -> str:
    text = str(title)
    return text if len(text) <= 22 else text[:21] + "…"


def _draw_graph(nodes: dict[str, _Node], edges: list[tuple[str, str, str]]) -> "Figure":
    figure, axes = one_plot(7.2, 6)
    colors = {"directors": "#805ad5", "actors": ORANGE, "writers": "#38a169", "genres": "#718096"}
    for relation, color in colors.items():
        lines = [(nodes[a], nodes[b]) for a, b, kind in edges if kind == relation]
        for number, (start, end) in enumerate(lines):
            label = relation if number == 0 else None
            axes.plot([start.x, end.x], [start.y, end.y], color=color, lw=1.2, zorder=1, label=label)
    for node in nodes.values():
        place = (node.x, node.y)
        axes.scatter(*place, s=90 if node.movie else 40, color=BLUE if node.movie else "#2d3748", zorder=2)
        axes.annotate(node.label, place, xytext=(0, 7), textcoords="offset points", ha="center", fontsize=7)
    axes.set_title("Part of the graph: around the movie with the most ratings")
    axes.margins(0.15)
    axes.set_axis_off()
    if edges:
        axes.legend(loc="lower right", fontsize=7, frameon=False)
    return figure
