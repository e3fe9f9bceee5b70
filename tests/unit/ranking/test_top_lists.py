import numpy as np
import pytest

from kgrec_gds.errors import InputError
from kgrec_gds.ranking.diversity import diversified
from kgrec_gds.ranking.filters import Filters, allowed_movies, rating_counts
from kgrec_gds.ranking.fit_ranker import refit_ranker
from kgrec_gds.ranking.ranker import Ranker, RankingSettings
from kgrec_gds.ranking.shared_people import SharedPeople
from kgrec_gds.ranking.top_lists import NEW, ListOptions, top_lists

USERS = np.arange(1, 25, dtype=np.int32)


@pytest.fixture(scope="module")
def ranker(dataset):
    settings = RankingSettings(1.0, 1.0, 0.5, 30 * 86_400.0, 10.0)
    return refit_ranker(dataset, np.arange(len(dataset.ratings)), settings)


def rated_by(dataset, user, before):
    ratings = dataset.ratings
    return set(ratings.movie_index[(ratings.user_index == user) & (ratings.rated_at < before)].tolist())


def test_lists_hold_unrated_movies_once_each_and_reasons_sum_to_the_score(dataset, ranker):
    for found in top_lists(ranker, dataset, USERS, dataset.now):
        movies = found.movie_index.tolist()
        assert len(set(movies)) == len(movies)
        assert rated_by(dataset, found.user_index, dataset.now).isdisjoint(movies)
        assert (np.diff(found.score) <= 1e-12).all()
        for score, why in zip(found.score, found.reasons, strict=True):
            parts = [part for _, part in (*why.movies, *why.people)]
            assert sum(parts) + why.popularity + why.other == pytest.approx(score, abs=1e-9)
            assert all(part > 0 for part in parts)


def test_every_reason_is_in_the_weights_and_the_graph(dataset, ranker):
    unit = dataset.derive(SharedPeople.of).unit
    for found in top_lists(ranker, dataset, USERS, dataset.now):
        for movie, why in zip(found.movie_index.tolist(), found.reasons, strict=True):
            assert all(ranker.item_weights[liked, movie] > 0 for liked, _ in why.movies)
            assert all(unit[movie, person] > 0 for person, _ in why.people)


def test_lists_as_of_a_time_know_nothing_later(dataset, ranker):
    at = int(np.median(dataset.ratings.rated_at))
    early = dataset.ratings.rated_at < at
    from dataclasses import replace

    before = replace(dataset, ratings=dataset.ratings.take(early))
    whole = list(top_lists(ranker, dataset, USERS, at))
    cut = list(top_lists(ranker, before, USERS, at))
    for one, other in zip(whole, cut, strict=True):
        np.testing.assert_array_equal(one.movie_index, other.movie_index)
        np.testing.assert_allclose(one.score, other.score)


def test_new_places_go_to_movies_that_hardly_anybody_rated(make_dataset, ranker):
    dataset = make_dataset(movies=400, events=500, seed=3)
    ranker = refit_ranker(dataset, np.arange(len(dataset.ratings)), RankingSettings(1, 1, 5, 86_400.0, 10.0))
    counts = rating_counts(dataset, dataset.now)
    for found in top_lists(ranker, dataset, USERS, dataset.now, ListOptions(k=10, new_places=4)):
        assert len(set(found.movie_index.tolist())) == len(found.movie_index) == 10
        tail = found.movie_index[-4:]
        if any(part for why in found.reasons for _, part in why.people):
            assert (counts[tail] <= NEW).all()


def test_diversity_trades_score_for_difference(dataset, ranker):
    unit = dataset.vectors.movies / np.maximum(
        np.linalg.norm(dataset.vectors.movies, axis=1, keepdims=True), 1e-9
    )

    def similarity(options):
        lists = top_lists(ranker, dataset, USERS, dataset.now, options)
        return np.mean([(unit[found.movie_index] @ unit[found.movie_index].T).mean() for found in lists])

    assert similarity(ListOptions(k=5, diversity=0.8)) < similarity(ListOptions(k=5))


def test_diversity_chooses_the_best_first_and_nothing_twice():
    score, vectors = np.array([3.0, 2.0, 1.0]), np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    assert diversified(score, vectors, 0.5, 2).tolist() == [0, 2]
    assert diversified(score, vectors, 0.0, 2).tolist() == [0, 1]
    assert sorted(diversified(score, vectors, 1.0, 9).tolist()) == [0, 1, 2]


def test_filters_keep_what_meets_all_conditions(dataset):
    genre = dataset.movies.relations["genres"].keys[1]
    chosen = tuple(dataset.movies.tconst[1:30])
    filters = Filters((genre.upper(),), (1990, 2005), 3, frozenset(chosen[:2]), frozenset(chosen))
    allowed = allowed_movies(dataset, filters, dataset.now)
    counts = rating_counts(dataset, dataset.now)
    for movie in range(1, len(dataset.movies)):
        genres = dataset.movies.relations["genres"]
        expected = (
            genre in genres.keys[genres.of(movie)]
            and 1990 <= dataset.movies.year[movie] <= 2005
            and counts[movie] >= 3
            and dataset.movies.tconst[movie] in chosen[2:]
        )
        assert allowed[movie] == expected
    assert allowed_movies(dataset, Filters(), dataset.now) is None


def test_an_unknown_genre_lists_those_there_are(dataset):
    with pytest.raises(InputError, match="Unknown genre 'Nope'; expected one of genres1, "):
        allowed_movies(dataset, Filters(("Nope",)), dataset.now)


def test_a_saved_ranking_gives_the_same_lists_also_where_movies_were_added(dataset, ranker, tmp_path):
    from dataclasses import replace

    ranker.save(tmp_path, dataset)
    loaded = Ranker.load(tmp_path, dataset)
    assert loaded.settings == ranker.settings
    assert (loaded.item_weights != ranker.item_weights).nnz == 0
    movies = dataset.movies
    more = {
        name: np.insert(getattr(movies, name), 1, getattr(movies, name)[1])
        for name in ("title", "year", "average_rating", "num_votes")
    }
    grown = replace(dataset, movies=replace(movies, tconst=np.insert(movies.tconst, 1, "tt0000000"), **more))
    moved = Ranker.load(tmp_path, grown)
    np.testing.assert_allclose(moved.item_weights.toarray()[2:, 2:], ranker.item_weights.toarray()[1:, 1:])
