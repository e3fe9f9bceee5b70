"""Movies in two dimensions (t-SNE), coloured by genre, with a panel for each method."""

from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_MOVIES = 1_500
_GENRES = 8
_MIN_FOR_TSNE = 5


def draw(maps: dict[str, tuple[NDArray[np.float32], NDArray[np.str_]]], file: Path, seed: int) -> None:
    """Write the picture; its format follows the file's suffix.

    Args:
        maps: method -> vectors (movies, dimension) and the first genre of each movie, empty for none.
        file: path of the picture; its folder is created.
        seed: samples the movies if there are more than 1,500.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    genres = np.concatenate([genres for _, genres in maps.values()])
    common = [name for name, _ in Counter(genres[genres != ""].tolist()).most_common(_GENRES)]
    figure = Figure(figsize=(6 * len(maps), 6), layout="constrained")
    FigureCanvasAgg(figure)
    for panel, (method, (vectors, genre)) in enumerate(maps.items(), start=1):
        axes = figure.add_subplot(1, len(maps), panel, title=method, xticks=[], yticks=[])
        shown = np.random.default_rng(seed).permutation(len(vectors))[:_MOVIES]
        points = _two_dimensions(vectors[shown], seed)
        other = ~np.isin(genre[shown], common)
        axes.scatter(points[other, 0], points[other, 1], s=4, color="lightgrey", label="other")
        for name in common:
            of_name = genre[shown] == name
            axes.scatter(points[of_name, 0], points[of_name, 1], s=6, label=name)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), markerscale=3, frameon=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)


def _two_dimensions(vectors: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from sklearn.preprocessing import normalize

    unit = normalize(vectors)  # distances then order as cosines do
    if len(vectors) < _MIN_FOR_TSNE:
        return PCA(2).fit_transform(unit)
    perplexity = min(30.0, (len(vectors) - 1) / 3)
    return TSNE(2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(unit)
