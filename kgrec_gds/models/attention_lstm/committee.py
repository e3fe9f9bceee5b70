"""Several attention-LSTMs that learn side by side and predict their mean (deep ensembles, Lakshminarayanan et al. 2017).

Members differ in their first weights and in their dropout only. They answer together wherever one network would:
encode a history once, score any candidates against it.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.models.attention_lstm import layers
from kgrec_gds.models.attention_lstm.hyperparameters import Settings
from kgrec_gds.models.attention_lstm.network import AttentionNetwork, Catalogue, Sizes
from kgrec_gds.models.keras_backend import keras

ops = keras.ops


class Committee(keras.Model):
    """Predicts rating minus causal bias. Build it with `build_committee`, which also makes its weights."""

    def __init__(self, settings: Settings, sizes: Sizes) -> None:
        super().__init__(name="committee")
        self.settings = settings
        self.encode_features = layers.PiecewiseLinear(sizes.features, settings.bins, name="encode_features")
        self.standardise = layers.Standardise(sizes.features, name="standardise")
        self.members = [
            AttentionNetwork(settings, sizes, name=f"member_{number}") for number in range(settings.members)
        ]

    def build(self, *_: Any, **__: Any) -> None:
        """Leave it to the first call: without this Keras calls it twice, once to find out what it should build."""

    def seed(self, seed: int, epoch: int) -> None:
        """Start an epoch's dropout: every member has a stream of its own."""
        for number, member in enumerate(self.members):
            member.noise.state.assign([seed, epoch * len(self.members) + number])

    def start_from(self, column: int) -> None:
        """Let every member begin with a feature as it is: the linear skip reads it, scaled, by its deviation."""
        kernel = np.zeros((self.standardise.deviation.shape[0], 1), np.float32)
        kernel[column] = np.asarray(self.standardise.deviation)[column]
        for member in self.members:
            member.skip.kernel.assign(kernel)

    def items(self, movies: Any, catalogue: Catalogue) -> list[Any]:
        """What each member makes of movies (…): (…, item_size) each. In a catalogue's `items` it is taken as it is."""
        return [member.items(movies, catalogue) for member in self.members]

    def encode(self, steps: dict[str, Any], catalogue: Catalogue) -> dict[str, Any]:
        """One pass over histories; see `AttentionNetwork.encode`."""
        return {
            member.name: member.encode(steps, own)
            for member, own in zip(self.members, self._catalogues(catalogue), strict=True)
        }

    def score(
        self, encoded: dict[str, Any], queries: dict[str, Any], catalogue: Catalogue
    ) -> tuple[Any, Any]:
        """Mean prediction (b, q) and mean attention (b, q, s), whose weights still sum to 1.

        Args:
            encoded: from `encode`.
            queries: see `AttentionNetwork.score`, with `features` (b, q, f) as they are, or `known`
                (b, q, members, units + 1).
            catalogue: the movies.
        """
        answers, queries = [], self.read_features(queries)
        for number, (member, own) in enumerate(zip(self.members, self._catalogues(catalogue), strict=True)):
            asked = queries | {"known": queries["known"][:, :, number]} if "known" in queries else queries
            answers.append(member.score(encoded[member.name], asked, own))
        predicted, weights = zip(*answers, strict=True)
        return _mean(predicted), _mean(weights)

    def call(
        self, steps: dict[str, Any], queries: dict[str, Any], catalogue: Catalogue, *, training: bool = False
    ) -> Any:
        """Each member's predicted residuals, (members, b, q), or (members, n)."""
        queries = self.read_features(queries)
        return ops.stack([member(steps, queries, catalogue, training=training) for member in self.members])

    def read_features(self, queries: dict[str, Any]) -> dict[str, Any]:
        """Queries with their features `encoded` and `scaled`: once for all members, being most of a batch."""
        if "known" in queries:
            return queries
        values = queries["features"]
        return queries | {"encoded": self.encode_features(values), "scaled": self.standardise(values)}

    def _catalogues(self, catalogue: Catalogue) -> list[Catalogue]:
        if "items" not in catalogue:
            return [catalogue] * len(self.members)
        return [catalogue | {"items": items} for items in catalogue["items"]]


def _mean(values: tuple[Any, ...]) -> Any:
    return sum(values[1:], start=values[0]) / len(values)


def build_committee(
    settings: Settings, sizes: Sizes, train_features: NDArray[np.float32] | None = None
) -> Committee:
    """Make the members with their weights; with the training events' features, fit their encoding and scaling."""
    committee = Committee(settings, sizes)
    catalogue = {
        "id_rows": np.zeros(1, np.int32),
        "slots": np.zeros((1, sizes.slots, max(sizes.vector, 1)), np.float32),
        "present": np.zeros((1, sizes.slots), np.float32),
    }
    zero, none = np.zeros((1, 1), np.float32), np.zeros((1, 1), np.int32)
    steps = {"movie": none, "residual": zero, "rating": zero, "log_gap": zero, "at": none}
    queries = {
        "movie": none,
        "visible": none,
        "at": none,
        "features": np.zeros((1, 1, sizes.features), np.float32),
    }
    committee(steps, queries, catalogue)
    if train_features is not None:
        committee.encode_features.adapt(train_features)
        committee.standardise.adapt(train_features)
    return committee
