import re
import textwrap
from pathlib import Path

import pytest

from kgrec_gds.models.registry import MODELS, ModelEntry
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.training import RunSettings, load_model, train_run

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "add-a-model.md"


def test_the_model_of_the_how_to_page_trains_and_predicts(dataset, tmp_path, monkeypatch):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (line,) = re.findall(r'"recent_mean": ModelEntry\((.*)\),', PAGE.read_text("utf-8"))
    (tmp_path / "recent_mean.py").write_text(textwrap.dedent(code), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("KGREC_HOME", str(tmp_path / "home"))
    entry = eval(f"ModelEntry({line.replace('kgrec_gds.models.', '')})", {"ModelEntry": ModelEntry})
    monkeypatch.setitem(MODELS, "recent_mean", entry)
    result = train_run(dataset, RunSettings(model="recent_mean"))
    errors = result.metrics["recent_mean"]["at_once"]
    assert errors["mse"] < result.metrics["global_mean"]["at_once"]["mse"]
    model = load_model(RunFolder.latest(), dataset)
    assert model.latest in (2, 5, 10, 20)
    assert errors["mse"] == pytest.approx(result.metrics["recent_mean"]["at_once"]["mse"])
