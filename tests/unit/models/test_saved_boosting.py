"""A file that was crafted to run a command, or to crash, is refused before any of it is built."""

import contextlib
import json
import zipfile

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge

from kgrec_gds.models import saved_boosting

MAIN = {"__class__": "dict", "__module__": "builtins", "__loader__": "DictNode"}


@pytest.fixture
def boosting():
    random = np.random.default_rng(0)
    values = random.normal(size=(400, 3))
    return HistGradientBoostingRegressor(max_iter=4).fit(values, values[:, 0])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "trees.skops"


def rewrite(path, change):
    """Change the description of the objects in a file."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(content["schema.json"])
    content["schema.json"] = json.dumps(change(schema) or schema).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def call(module, function, *arguments):
    """A node that calls a function when it is loaded: the reader of losses calls whatever class is named."""
    numbered = [
        {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": json.dumps(it)}
        | {"is_json": True, "__id__": 900 + number}
        for number, it in enumerate(arguments)
    ]
    of = {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": numbered}
    empty = {**MAIN, "content": {}, "key_types": {**MAIN, "__loader__": "ListNode", "__class__": "list"}}
    empty["key_types"] |= {"content": []}
    return {
        "__class__": function,
        "__module__": module,
        "__loader__": "LossNode",
        "__reduce__": {"args": of},
        "content": empty,
    }


def test_a_loaded_boosting_predicts_the_same(boosting, path):
    saved_boosting.save(boosting, path)
    values = np.random.default_rng(1).normal(size=(50, 3))
    np.testing.assert_array_equal(saved_boosting.load(path).predict(values), boosting.predict(values))


@pytest.mark.parametrize("prefixed", [False, True], ids=["os.system", "a function under numpy."])
def test_a_file_that_would_run_a_command_is_refused(boosting, path, tmp_path, prefixed):
    marker = tmp_path / "attacked"
    if prefixed:
        code = f"open({str(marker)!r}, 'w')"
        attack = call("numpy.testing._private.utils", "runstring", code, {})
    else:
        attack = call("os", "system", f"touch {marker}")
    saved_boosting.save(boosting, path)
    rewrite(path, lambda schema: schema["content"]["content"].update(scoring=attack))
    with pytest.raises(ValueError, match="Untrusted types"):
        saved_boosting.load(path)
    assert not marker.exists()
    # It is a real attack: who trusts all that the file names is attacked.
    with contextlib.suppress(Exception):  # after the command anything may fail
        skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
    assert marker.exists()


def test_types_that_skops_trusts_are_refused_too(path):
    skops.io.dump(Ridge(), path)
    assert skops.io.get_untrusted_types(file=path) == []
    with pytest.raises(ValueError, match="Ridge"):
        saved_boosting.load(path)


def test_a_file_of_another_version_is_refused(boosting, path):
    saved_boosting.save(boosting, path)
    rewrite(path, lambda schema: schema.update(protocol=0))
    with pytest.raises(ValueError, match="another version of skops"):
        saved_boosting.load(path)


@pytest.mark.parametrize(("column", "index"), [("left", 10**6), ("right", 0), ("feature_idx", 9)])
def test_trees_that_lead_outside_or_back_are_refused(boosting, path, column, index):
    nodes = boosting._predictors[0][0].nodes
    nodes[column][0] = index
    saved_boosting.save(boosting, path)
    with pytest.raises(ValueError, match="branches lead nowhere"):
        saved_boosting.load(path)


def test_a_torn_file_is_refused(path):
    path.write_bytes(b"PK torn")
    with pytest.raises(ValueError, match="damaged"):
        saved_boosting.load(path)
