import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from kgrec_gds.models.forest import Forest


def fitted(leaves: int = 16) -> tuple[HistGradientBoostingRegressor, np.ndarray]:
    generator = np.random.default_rng(0)
    values = generator.normal(size=(2_000, 6)).astype(np.float32)
    values[:, 3] = np.round(values[:, 3])  # many values lie on a threshold exactly or beside it
    target = values[:, 0] * values[:, 1] + np.sin(values[:, 2]) + values[:, 3]
    model = HistGradientBoostingRegressor(max_iter=40, max_leaf_nodes=leaves, random_state=0)
    return model.fit(values, target), values


def test_splits_worked_out_apart_say_what_the_trees_say() -> None:
    model, values = fitted()
    forest = Forest.of([model])
    assert forest is not None
    values[:, 4:] = values[0, 4:]  # the same for all rows, as what belongs to a user is
    parts = [np.array([0, 2]), np.array([1, 3]), np.array([4, 5])]
    many = [forest.only(part).masks(values[:, part], part) for part in parts[:2]]
    one = forest.only(parts[2]).masks(values[:1, parts[2]], parts[2])
    found = forest.totals(many[0] & many[1] & one)
    np.testing.assert_allclose(found, model.predict(values), atol=1e-5)
    assert np.ptp(found) > 1


def test_all_columns_at_once_say_what_the_trees_say() -> None:
    model, values = fitted()
    forest = Forest.of([model])
    assert forest is not None
    many = np.tile(values, (9, 1))  # more than one block
    np.testing.assert_array_equal(forest.predict(many), model.predict(many).astype(np.float32))


def test_of_several_models_it_says_the_mean() -> None:
    (one, values), (other, _) = fitted(), fitted(leaves=4)
    forest = Forest.of([one, other])
    assert forest is not None
    np.testing.assert_allclose(
        forest.predict(values), (one.predict(values) + other.predict(values)) / 2, atol=1e-5
    )


@pytest.mark.parametrize("model", [fitted(leaves=40)[0], object()])
def test_trees_it_cannot_do_are_left_to_scikit_learn(model: object) -> None:
    assert Forest.of([model]) is None
