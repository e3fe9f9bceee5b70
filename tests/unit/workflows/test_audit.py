from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.errors import InputError
from kgrec_gds.workflows.audit import audit_dataset, feature_function, quick_model


def test_the_default_preset_audits_features_and_predictions(dataset):
    findings = audit_dataset(dataset, models={"trees": quick_model(dataset, "trees")})
    assert findings[-1].name == "prediction of trees"
    assert {found.verdict for found in findings} == {"clean"}


def test_the_attention_lstm_is_clean_end_to_end(dataset):
    findings = audit_dataset(
        dataset, "paper", models={"attention_lstm": quick_model(dataset, "attention_lstm")}
    )
    assert findings[-1].verdict == "clean"


def test_a_model_that_reads_the_rating_itself_is_refused(dataset):
    with pytest.raises(InputError, match="preset paper"):
        quick_model(dataset, "paper_trees")


def test_without_ratings_there_is_nothing_to_audit(dataset):
    nothing = replace(dataset, ratings=dataset.ratings.take(np.arange(0)))
    for call in (audit_dataset, lambda data: quick_model(data, "trees")):
        with pytest.raises(InputError, match="needs ratings"):
            call(nothing)


def test_a_feature_function_is_imported_from_the_working_directory(dataset, tmp_path, monkeypatch):
    (tmp_path / "my_audit_features.py").write_text(
        "def make(dataset):\n    return {'one': dataset.ratings.rating}\n"
    )
    monkeypatch.chdir(tmp_path)
    (finding,) = audit_dataset(dataset, features="my_audit_features:make")
    assert (finding.name, finding.verdict) == ("one", "contains_target")


def test_a_module_with_an_error_is_refused_with_the_error(tmp_path, monkeypatch):
    (tmp_path / "my_broken_features.py").write_text("def make(dataset:\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="SyntaxError"):
        feature_function("my_broken_features:make")


@pytest.mark.parametrize(
    "name",
    [
        "no_colon",
        "kgrec_gds.absent:make",
        "kgrec_gds.features.paper_features:absent",
        "kgrec_gds.features.paper_features:LATER_SNAPSHOTS",
    ],
)
def test_a_name_that_is_no_function_is_refused(name):
    with pytest.raises(InputError, match="features '"):
        feature_function(name)
