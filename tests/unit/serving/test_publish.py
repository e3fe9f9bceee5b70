"""What is published: the form of named arrays, and which models can be."""

import numpy as np
import pytest

from kgrec_gds.data.splits import split
from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.registry import build
from kgrec_gds.serving.named_arrays import pack, texts
from kgrec_gds.serving.publish import network_bytes


def test_named_arrays_by_hand():
    packed = pack({"a": np.array([[1.5], [2.0]], np.float32), "bc": texts(["x", "é"])})
    head = b"KGRECNET" + b"\x01\0\0\0" + b"\x02\0\0\0"
    first = b"\x01\0a" + b"\x04\x02" + b"\x02" + 7 * b"\0" + b"\x01" + 7 * b"\0"
    second = b"\x02\0bc" + b"\0\x01" + b"\x04" + 7 * b"\0" + "x\né".encode()
    assert packed == head + first + b"\0\0\xc0\x3f\0\0\0\x40" + second


def test_only_the_attention_lstm_can_be_published(dataset):
    other = build("global_mean").fit(dataset, split(dataset.ratings, "global"), 0)
    with pytest.raises(ModelRunError, match="the procedures in the database serve attention_lstm"):
        network_bytes(other, dataset)
