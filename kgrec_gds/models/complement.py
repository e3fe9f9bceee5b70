"""The network's last epochs beside the trees: it learns what they leave over, so that the mean of both errs less.

With a share s of the network in the mean, s * network + (1 - s) * trees meets the target t where the network says
t + (1 - s) / s * (t - trees). The trees' part of that comes from trees that did not see the rating. Training two models
of a mean for the mean's error is negative correlation learning (Liu and Yao, 1999).
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import Split
from kgrec_gds.models.attention_lstm.model import AttentionLstm
from kgrec_gds.models.attention_lstm.trainer import event_target
from kgrec_gds.models.inputs import read_inputs
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.training_progress import Watch
from kgrec_gds.models.trees import Trees

#: Below this share the target would be almost all noise, and so would the network.
_LEAST_SHARE = 0.2


@dataclass(frozen=True)
class ComplementSettings:
    """How long and how fast the network learns beside the trees; `docs/model.md` has the figures."""

    epochs: int = 2
    rate: float = 0.5
    """Of the network's own learning rate, at the start; it falls to 0."""
    folds: int = 3
    """Each rating is predicted by trees that were fitted on the other folds."""
    haste: float = 2.5
    """Of these trees: they are a means, and fewer that learn faster lead to the same network, see `Trees.out_of_fold`."""


def complement(
    network: AttentionLstm,
    trees: Trees,
    share: float,
    dataset: Dataset,
    split: Split,
    *,
    seed: int,
    settings: ComplementSettings,
    run: RunFolder | None = None,
    watch: Watch | None = None,
) -> AttentionLstm:
    """A copy of a fitted network that went on learning, on train and validation, beside the trees.

    Args:
        network: fitted on the same events; stays as it is.
        trees: as fitted.
        share: of the network in the mean with the trees.
        dataset: the log.
        split: which events are whose.
        seed: the same seed gives the same network.
        settings: how long and how fast.
        run: keeps the epochs until the run is finished.
        watch: is told of each step.
    """
    rows, inputs = np.union1d(split.train, split.validation), read_inputs(dataset)
    copy = network.copy(dataset, rows)
    if copy.fitted is None or not len(rows):
        return copy
    target = event_target(dataset, inputs)
    share = max(share, _LEAST_SHARE)
    beside = trees.out_of_fold(dataset, rows, seed, folds=settings.folds, haste=settings.haste)
    left_over = target[rows] - beside
    target[rows] += (1 - share) / share * left_over
    slower = network.settings.replace(
        epochs=settings.epochs, learning_rate=network.settings.learning_rate * settings.rate
    )
    trainer = dataclasses.replace(copy.fitted, settings=slower).trainer(dataset, inputs)
    trainer.fit(
        target,
        rows,
        None,
        seed=seed,
        epochs=slower.epochs,
        checkpoint=run.checkpoint("complement") if run else None,
        watch=watch,
        shown_as="training beside the trees",
    )
    return copy


def share_beside_trees(share: float) -> float:
    """The network's share in the mean after `complement`, from the share that was best before.

    What it learned of its aim's noise makes it worth less, the more of the aim was the trees' part: s * (1 + s) / 2,
    which is near the best on the validation events of both development sets under both protocols.
    """
    return share * (1 + share) / 2


def share_before(share: float) -> float:
    """The network's share before `complement`, from what `share_beside_trees` made of it."""
    return float(np.sqrt(0.25 + 2 * share) - 0.5)
