import numpy as np
import pytest

from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.base import on_scale


def test_ratings_are_clipped_to_the_scale():
    assert on_scale(np.array([0.0, 5.5, 11.0])).tolist() == [1, 5.5, 10]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_rating_that_is_no_finite_number_is_refused(value):
    with pytest.raises(ModelRunError, match="predicted 1 of 2 ratings as no finite number"):
        on_scale(np.array([5.0, value], np.float32))
