import numpy as np

from kgrec_gds.models.baselines.vocabulary import Vocabulary

IDS = np.array(["", "b", "a", "c"], object)


def test_known_ids_have_rows_of_their_own_and_others_share_row_0():
    known = Vocabulary.of(IDS, np.array([2, 1, 2]))
    assert known.ids.tolist() == ["a", "b"]
    assert len(known) == 3
    assert known.rows(IDS, np.array([[0, 1], [2, 3]])).tolist() == [[0, 2], [1, 0]]
