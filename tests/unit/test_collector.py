import gc

import pytest

from kgrec_gds.collector import rare_collections


def test_collections_are_rare_only_within_the_block():
    before = gc.get_threshold()
    with rare_collections():
        assert gc.isenabled()
        assert gc.get_threshold()[0] > 10 * before[0]
    assert gc.get_threshold() == before


def test_an_error_ends_rare_collections():
    @rare_collections()
    def fail():
        raise KeyError

    before = gc.get_threshold()
    with pytest.raises(KeyError):
        fail()
    assert gc.get_threshold() == before


def test_overlapping_blocks_leave_the_thresholds_as_they_were():
    before = gc.get_threshold()
    first, second = rare_collections(), rare_collections()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before


def test_collections_that_are_off_stay_off():
    before = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with rare_collections():
            assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*before)
