"""Maximal marginal relevance (Carbonell and Goldstein, 1998): relevant movies that differ from one another."""

import numpy as np
from numpy.typing import NDArray


def diversified(
    score: NDArray[np.float64], vectors: NDArray[np.float32], diversity: float, k: int
) -> NDArray[np.int64]:
    """Choose k of some candidates by maximal marginal relevance, one by one.

    The next one has the highest

        (1 - diversity) * relevance - diversity * (largest cosine to a movie chosen before)

    Args:
        score: ranking scores, best first, shape (candidates,); relevance is the score scaled to 0-1 over them.
        vectors: knowledge-graph vectors, shape (candidates, embedding_size); a row of zeros is similar to none.
        diversity: 0-1; with 0 the order stays as it is.
        k: how many to choose.

    Returns:
        places among the candidates, in the order in which they were chosen, shape (at most k,).
    """
    if not len(score) or not diversity:
        return np.arange(min(k, len(score)))
    spread = score.max() - score.min()
    relevance = (score - score.min()) / spread if spread > 0 else np.ones(len(score))
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = (vectors / np.maximum(length, 1e-12)).astype(np.float64)
    nearest = np.zeros(len(score))
    chosen: list[int] = []
    value = relevance.copy()
    for _ in range(min(k, len(score))):
        place = int(np.argmax(value))
        cosine = unit @ unit[place]
        nearest = cosine if not chosen else np.maximum(nearest, cosine)
        chosen.append(place)
        value = (1 - diversity) * relevance - diversity * nearest
        value[chosen] = -np.inf
    return np.array(chosen, np.int64)
