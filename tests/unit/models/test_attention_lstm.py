from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.dataset import Ratings
from kgrec_gds.data.splits import split
from kgrec_gds.errors import InputError, ModelRunError
from kgrec_gds.models.attention_lstm.hyperparameters import Settings, ablated
from kgrec_gds.models.attention_lstm.model import AttentionLstm, FittedNetwork, warm_start
from kgrec_gds.models.attention_lstm.trainer import event_target
from kgrec_gds.models.run_folder import RunFolder


@pytest.fixture(scope="module")
def parts(dataset):
    return split(dataset.ratings, "global")


def _changed(dataset, **columns):
    return replace(dataset, ratings=Ratings(**{**vars(dataset.ratings), **columns}))


def test_ratings_at_or_after_the_moment_change_nothing(dataset, parts, trained):
    ratings = dataset.ratings
    event = int(parts.test[len(parts.test) // 3])
    rng = np.random.default_rng(5)
    late = ratings.rated_at >= ratings.rated_at[event]
    assert late.sum() > 30
    other = np.where(late, rng.integers(1, 11, len(ratings)), ratings.rating).astype(np.float32)
    tied = np.flatnonzero(ratings.rated_at == ratings.rated_at[event])
    before = trained.predict(dataset, tied)
    np.testing.assert_array_equal(trained.predict(_changed(dataset, rating=other), tied), before)
    early = np.where(late, ratings.rating, 11 - ratings.rating).astype(np.float32)
    assert np.abs(trained.predict(_changed(dataset, rating=early), tied) - before).max() > 0.01


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.setenv("KGREC_HOME", str(tmp_path))
    return RunFolder.create("a-run")


def test_the_same_seed_gives_the_same_predictions_and_an_interrupted_fit_goes_on(
    dataset, parts, small_settings, trained, run
):
    steps_of_epoch = []

    def stop_in_second_epoch(_what, done, total):
        steps_of_epoch.append(done)
        if done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        AttentionLstm(small_settings, run=run, watch=stop_in_second_epoch).fit(dataset, parts, 0)
    seen_before = len(steps_of_epoch)
    steps = []
    resumed = AttentionLstm(small_settings, run=run, watch=lambda _what, done, _total: steps.append(done))
    resumed.fit(dataset, parts, 0)
    assert steps[0] == seen_before  # the first step again is the one that was interrupted
    whole = trained.alone
    assert resumed.history == whole.history
    np.testing.assert_array_equal(resumed.predict(dataset, parts.test), whole.predict(dataset, parts.test))


def test_another_seed_gives_another_network(dataset, parts, small_settings, trained):
    other = AttentionLstm(small_settings.replace(epochs=1)).fit(dataset, parts, 1)
    assert (
        np.abs(other.predict(dataset, parts.test) - trained.network.predict(dataset, parts.test)).max() > 0.01
    )


def test_saved_and_loaded_it_predicts_the_same(dataset, parts, trained, run):
    from kgrec_gds.models.default import DefaultPredictor

    trained.save(run)
    loaded = DefaultPredictor.load(run)
    np.testing.assert_array_equal(loaded.predict(dataset, parts.test), trained.predict(dataset, parts.test))
    assert not list(run.path.rglob("*.pkl"))


def test_a_network_that_reads_vectors_refuses_a_graph_without(dataset, parts, trained):
    with pytest.raises(ModelRunError, match="fastrp"):
        trained.network.predict(replace(dataset, vectors=None), parts.test)


def test_a_model_refuses_vectors_that_were_made_again(dataset, trained, run):
    from kgrec_gds.models.default import DefaultPredictor

    trained.save(run)
    assert DefaultPredictor.load_for(run, dataset).until == trained.until
    grown = replace(dataset, ratings=dataset.ratings.take(np.arange(len(dataset.ratings) - 1)))
    DefaultPredictor.load_for(run, grown)
    for movies in (dataset.vectors.movies[::-1], dataset.vectors.movies[:, :4]):
        again = replace(dataset, vectors=replace(dataset.vectors, movies=movies))
        with pytest.raises(ModelRunError, match="made again since"):
            DefaultPredictor.load_for(run, again)


@pytest.mark.parametrize(
    "ablation", ["no_vectors", "no_graph_features", "no_graph", "no_attention", "no_lstm"]
)
def test_ablations_lack_what_they_say(dataset, parts, small_settings, ablation):
    model = AttentionLstm(ablated(small_settings, ablation))
    fitted = model.build(dataset, _inputs(dataset), parts.train)
    assert model.name == f"attention_lstm:{ablation}"
    assert (fitted.vectors is None) == (ablation in {"no_vectors", "no_graph"})
    graph = [name for name in fitted.feature_names if name.startswith("graph_")]
    near = [name for name in graph if name.startswith("graph_near")]
    assert bool(graph) == (ablation not in {"no_graph_features", "no_graph"})
    assert bool(near) == (ablation in {"no_attention", "no_lstm"})


@pytest.mark.filterwarnings("error:Gradients do not exist")
@pytest.mark.parametrize("ablation", ["no_attention", "no_lstm"])
def test_an_ablation_trains_all_that_it_reads_and_nothing_else(dataset, parts, small_settings, ablation):
    settings = ablated(small_settings, ablation)
    inputs = _inputs(dataset)
    fitted = AttentionLstm(settings).build(dataset, inputs, parts.train)
    before = {variable.path: variable.numpy() for variable in fitted.network.trainable_variables}
    fitted.trainer(dataset, inputs).fit(
        event_target(dataset, inputs), parts.train, None, seed=0, epochs=settings.epochs
    )
    after = {variable.path: variable.numpy() for variable in fitted.network.trainable_variables}
    still = {path for path in before if np.array_equal(before[path], after[path])}
    still -= {path for path in before if "absent" in path}  # every movie has a vector here
    unread = {"no_attention": ("attention/", "state_value"), "no_lstm": ()}[ablation]
    assert still == {path for path in before if any(name in path for name in unread)}
    assert any("lstm/" in path for path in before) == (ablation == "no_attention")


def test_warm_start_takes_movies_by_their_id(dataset, parts, small_settings, trained):
    before = trained.network.fitted
    fresh = AttentionLstm(small_settings).build(dataset, _inputs(dataset), parts.train)
    assert warm_start(fresh, before) == len(fresh.network.trainable_variables)
    shared = set(fresh.known) & set(before.known)
    tconst = min(shared)

    def row(fitted):
        return np.asarray(fitted.network.members[0].ids.embeddings)[1 + list(fitted.known).index(tconst)]

    np.testing.assert_array_equal(row(fresh), row(before))


def test_settings_refuse_what_they_do_not_know():
    with pytest.raises(InputError, match="wings"):
        Settings.from_dict({"wings": 2})
    with pytest.raises(InputError, match="id_dropout"):
        Settings(id_dropout=1.0)
    assert Settings.from_dict(Settings().as_dict()) == Settings()


def test_an_unfinished_run_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("KGREC_HOME", str(tmp_path))
    with pytest.raises(ModelRunError, match="kgrec-gds train"):
        RunFolder.latest()
    run = RunFolder.create()
    with pytest.raises(ModelRunError, match="interrupted training"):
        RunFolder.latest(finished=False)
    run.write("settings", {})
    assert RunFolder.latest(finished=False) == run
    with pytest.raises(ModelRunError, match="not finished"):
        FittedNetwork.load(run)
    with pytest.raises(ModelRunError, match="should be a model run"):
        RunFolder.open("../elsewhere")


def _inputs(dataset):
    from kgrec_gds.models.inputs import read_inputs

    return read_inputs(dataset)
