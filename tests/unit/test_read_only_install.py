"""What a read-only install does, it does without the packages that only training and evaluation need."""

import subprocess
import sys

HEAVY = (
    "numpy",
    "pandas",
    "scipy",
    "tensorflow",
    "keras",
    "sklearn",
    "surprise",
    "graphdatascience",
    "ibis",
    "duckdb",
    "onnx",
)
MODULES = (
    "kgrec_gds.cli",
    "kgrec_gds.client",
    *(f"kgrec_gds.cli.{name}" for name in ("recommend", "explain", "find", "rate", "browser")),
    *(f"kgrec_gds.workflows.{name}" for name in ("connect", "recommend", "explain", "find", "rate")),
    "kgrec_gds.serving.recommend_in_database",
)


def test_reading_needs_no_heavy_package() -> None:
    program = f"""
import importlib, sys
sys.modules.update(dict.fromkeys({HEAVY!r}))
for name in {MODULES!r}:
    importlib.import_module(name)
from kgrec_gds.serving.recommend_request import RecommendRequest
RecommendRequest(years="1990-1999", as_of="2015-01-01", genres=("Drama",), diversity=0.5).check()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
