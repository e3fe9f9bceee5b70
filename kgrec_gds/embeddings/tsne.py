"""Movies in two dimensions (t-SNE), coloured by genre: one panel a method."""

from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_MOVIES = 1_500
_GENRES = 8
_FEWEST = 5


def draw(maps: dict[str, tuple[NDArray[np.float32], NDArray[np.str_]]], file: Path, seed: int) -> None:
    """Write the picture as PNG.

    Args:
        maps: method -> vectors (movies, embedding_size) and the first genre of each movie, empty for none.
        file: where to write; its folder is made.
        seed: chooses the movies shown where there are more than 1,500.
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
        places = _two_dimensions(vectors[shown], seed)
        other = ~np.isin(genre[shown], common)
        axes.scatter(places[other, 0], places[other, 1], s=4, color="lightgrey", label="other")
        for name in common:
            of_name = genre[shown] == name
            axes.scatter(places[of_name, 0], places[of_name, 1], s=6, label=name)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), markerscale=3, frameon=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)


def _two_dimensions(vectors: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from sklearn.preprocessing import normalize

    lengths_alike = normalize(vectors)  # as the cosine of the neighbours sees them
    if len(vectors) < _FEWEST:
        return PCA(2).fit_transform(lengths_alike)
    perplexity = min(30.0, (len(vectors) - 1) / 3)
    return TSNE(2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(lengths_alike)
