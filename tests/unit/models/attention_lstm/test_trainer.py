import weakref

import numpy as np

from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import split
from kgrec_gds.models.attention_lstm.model import AttentionLstm
from kgrec_gds.models.attention_lstm.movie_table import movie_table
from kgrec_gds.models.attention_lstm.trainer import Trainer


def test_predictions_between_epochs_are_those_of_the_weights_as_they_are(dataset, small_network):
    parts = split(dataset.ratings, "global")
    model = AttentionLstm(**small_network).fit(dataset, parts, 0)
    table = movie_table(dataset, model._fitted.known, use_vectors=True)
    trainer = Trainer(model._fitted.network, table)
    examples = model._examples(dataset, Queries.of(dataset.ratings).take(parts.train))
    target = np.linspace(-3, 3, len(parts.train), dtype=np.float32)
    predicted = [trainer.predict(examples)]

    def validate():
        predicted.append(trainer.predict(examples))
        fresh = Trainer(trainer.network, table).predict(examples)
        np.testing.assert_array_equal(predicted[-1], fresh)
        return -float(len(predicted))

    trainer.fit(lambda _rng: (examples, target), validate, seed=1, epochs=2)
    assert len(predicted) == 3
    assert np.abs(np.diff(predicted, axis=0)).max(axis=1).min() > 1e-3


def test_a_new_fit_holds_no_catalogue_of_an_earlier_one(dataset, small_network):
    parts = split(dataset.ratings, "global")
    model = AttentionLstm(**small_network).fit(dataset, parts, 0)
    earlier = [weakref.ref(slot) for slot in model._trainer(dataset).catalogue["slots"]]
    assert all(slot() is not None for slot in earlier)
    model.refit(dataset, parts, 0)
    assert [slot() for slot in earlier] == [None] * len(earlier)
