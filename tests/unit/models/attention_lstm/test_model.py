from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.dataset import Ratings
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split, split
from kgrec_gds.errors import InputError, ModelRunError
from kgrec_gds.models.attention_lstm.hyperparameters import ABLATIONS, Hyperparameters
from kgrec_gds.models.attention_lstm.model import AttentionLstm
from kgrec_gds.models.delays import DAY


@pytest.fixture(scope="module")
def parts(dataset):
    return split(dataset.ratings, "global")


@pytest.fixture(scope="module")
def fitted(dataset, parts, small_network):
    return AttentionLstm(**small_network).fit(dataset, parts, 0)


def queries(dataset, rows):
    return Queries.of(dataset.ratings.take(rows))


def with_ratings(dataset, **columns):
    return replace(dataset, ratings=Ratings(**{**vars(dataset.ratings), **columns}))


@pytest.mark.parametrize("delay", [0, DAY])
def test_ratings_from_known_until_on_change_nothing(dataset, parts, fitted, delay):
    ratings = dataset.ratings
    event = int(parts.test[len(parts.test) // 3])
    tied = queries(dataset, np.flatnonzero(ratings.rated_at == ratings.rated_at[event])).delayed(delay)
    late = ratings.rated_at >= tied.known_until[0]
    assert late.sum() > 30
    other = np.where(late, np.random.default_rng(5).integers(1, 11, len(ratings)), ratings.rating)
    before = fitted.predict(dataset, tied)
    changed = with_ratings(dataset, rating=other.astype(np.float32))
    np.testing.assert_array_equal(fitted.predict(changed, tied), before)
    early = np.where(late, ratings.rating, 11 - ratings.rating).astype(np.float32)
    assert np.abs(fitted.predict(with_ratings(dataset, rating=early), tied) - before).max() > 0.01


def test_epochs_read_a_sample_of_the_users(dataset, parts, small_network, fitted):
    sampled = AttentionLstm(**small_network, most_ratings=len(parts.train) // 3).fit(dataset, parts, 0)
    test, rating = queries(dataset, parts.test), dataset.ratings.rating[parts.test]
    predicted = sampled.predict(dataset, test)
    assert (predicted != fitted.predict(dataset, test)).any()
    assert np.mean((predicted - rating) ** 2) < np.var(rating)


def test_the_same_seed_gives_the_same_predictions_and_an_interrupted_fit_resumes(
    dataset, parts, small_network, fitted, tmp_path
):
    steps = []

    def interrupt(_stage, done, total):
        steps.append(done)
        if done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        AttentionLstm(**small_network).fit(dataset, parts, 0, callback=interrupt, checkpoints=tmp_path)
    interrupted_at = steps[-1]
    steps.clear()
    resumed = AttentionLstm(**small_network).fit(
        dataset, parts, 0, callback=lambda _stage, done, _total: steps.append(done), checkpoints=tmp_path
    )
    assert steps[0] == interrupted_at
    assert resumed.history == fitted.history
    test = queries(dataset, parts.test)
    np.testing.assert_array_equal(resumed.predict(dataset, test), fitted.predict(dataset, test))


def test_another_seed_gives_another_network(dataset, parts, small_network, fitted):
    other = AttentionLstm(**small_network | {"epochs": 1}).fit(dataset, parts, 1)
    test = queries(dataset, parts.test)
    assert np.abs(other.predict(dataset, test) - fitted.predict(dataset, test)).max() > 0.01


def test_a_loaded_model_predicts_the_same(dataset, parts, fitted, tmp_path):
    fitted.save(tmp_path)
    loaded = AttentionLstm.load(tmp_path)
    test = queries(dataset, parts.test).delayed(DAY)
    np.testing.assert_array_equal(loaded.predict(dataset, test), fitted.predict(dataset, test))
    assert loaded.history == fitted.history
    assert not list(tmp_path.rglob("*.pkl"))


def test_one_user_and_many_candidates_get_the_answers_of_single_queries(dataset, fitted):
    user = int(np.bincount(dataset.ratings.user_index).argmax())
    movies = np.arange(len(dataset.movies), dtype=np.int32)
    catalogue = Queries.at_time(np.full(len(movies), user, np.int32), movies, dataset.now, delay=DAY)
    together, attention = fitted.predict_with_attention(dataset, catalogue)
    for movie in (1, 7, 30):
        single, of_single = fitted.predict_with_attention(dataset, catalogue.take(np.array([movie])))
        np.testing.assert_allclose(together[movie], single[0], atol=1e-5)
        np.testing.assert_allclose(attention.weights[movie], of_single.weights[0], atol=1e-5)


def test_attention_is_on_the_latest_visible_ratings_and_sums_to_one(dataset, parts, fitted):
    test = queries(dataset, parts.test)
    _, attention = fitted.predict_with_attention(dataset, test)
    ratings, window = dataset.ratings, fitted.settings.attention_steps
    for row in range(0, len(test), 7):
        mine = (ratings.user_index == test.user_index[row]) & (ratings.rated_at < test.known_until[row])
        latest = ratings.movie_index[mine][-window:]
        np.testing.assert_array_equal(attention.movie_index[row], np.pad(latest, (window - len(latest), 0)))
        assert attention.weights[row].sum() == pytest.approx(1.0 if len(latest) else 0.0, abs=1e-5)
        assert not attention.weights[row, : window - len(latest)].any()


def test_a_network_that_reads_vectors_refuses_a_data_set_without(dataset, parts, fitted):
    with pytest.raises(ModelRunError, match=r"reads fastrp vectors.*embed --method fastrp"):
        fitted.predict(replace(dataset, vectors=None), queries(dataset, parts.test))


@pytest.mark.parametrize("ablation", ABLATIONS)
def test_an_ablation_leaves_out_what_it_names(dataset, parts, small_network, ablation):
    few = Split("global", parts.train[:200], parts.validation[:0], parts.test)
    model = AttentionLstm(**small_network | {"epochs": 1} | ABLATIONS[ablation]).fit(dataset, few, 0)
    network, columns = model._fitted.network, model._fitted.columns
    paths = [variable.path for variable in network.trainable_variables]
    assert any("fusion" in path for path in paths) == (ablation not in {"no_vectors", "no_graph"})
    assert any("/lstm/" in path for path in paths) == (ablation != "no_lstm")
    assert any("director" in name for name in columns) == (ablation not in {"no_graph_features", "no_graph"})


@pytest.mark.filterwarnings("error:Gradients do not exist")
def test_without_attention_its_weights_stay_untrained(dataset, parts, small_network):
    few = Split("global", parts.train, parts.validation[:0], parts.test)
    one, two = (
        AttentionLstm(**small_network | {"epochs": epochs} | ABLATIONS["no_attention"]).fit(dataset, few, 0)
        for epochs in (1, 2)
    )

    def variables(model):
        return {variable.path: variable.numpy() for variable in model._fitted.network.trainable_variables}

    before, after = variables(one), variables(two)
    unchanged = {path for path in before if np.array_equal(before[path], after[path])}
    # every movie of this data set has a vector
    assert {path for path in unchanged if "absent" not in path} == {
        path for path in before if path.startswith("attention/") or "state_value" in path
    }


def test_hyperparameters_refuse_unknown_names_and_values_out_of_range():
    with pytest.raises(InputError, match="Unknown hyperparameter wings"):
        AttentionLstm(wings=2)
    with pytest.raises(InputError, match=r"Invalid id_dropout 1\.0"):
        AttentionLstm(id_dropout=1.0)
    assert Hyperparameters.of(**Hyperparameters().as_dict()) == Hyperparameters()


def test_an_unfinished_folder_is_refused(tmp_path):
    with pytest.raises(ModelRunError, match="unfinished or of another version"):
        AttentionLstm.load(tmp_path)
