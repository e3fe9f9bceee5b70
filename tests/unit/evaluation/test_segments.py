import numpy as np

from kgrec_gds.data.dataset import Ratings
from kgrec_gds.data.splits import Split, split
from kgrec_gds.evaluation.segments import segments

RATINGS = Ratings(
    user_index=np.array([1, 2, 1, 1, 3, 2], np.int32),
    movie_index=np.array([1, 1, 2, 3, 4, 2], np.int32),
    rating=np.array([5, 6, 7, 8, 9, 10], np.float32),
    rated_at=np.array([10, 10, 20, 20, 30, 40]),
)


def test_segments_by_hand():
    parts = Split("global", np.array([0, 1]), np.array([2, 3]), np.array([4, 5]))
    masks = segments(RATINGS, parts)
    assert masks["new_user"].tolist() == [True, False]
    assert masks["new_movie"].tolist() == [True, False]
    assert masks["unrated_movie"].tolist() == [True, False]
    assert masks["history_0"].tolist() == [True, False]
    assert masks["history_1_to_4"].tolist() == [False, True]


def test_every_test_event_is_in_one_history_segment(dataset):
    masks = segments(dataset.ratings, split(dataset.ratings, "global"))
    by_history = np.stack([mask for name, mask in masks.items() if name.startswith("history_")])
    assert (by_history.sum(axis=0) == 1).all()
