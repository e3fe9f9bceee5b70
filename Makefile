# Each target does what it needs first: `make demo` and `make test` work from a fresh clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup demo test faults lint bench lock clean

setup: $(VENV)/.installed

# The lock carries hashes and no addresses, so pip checks every file it gets.
$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

demo: setup
	$(BIN)/kgrec-gds demo

test: lint
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder

# All fault cases; `make test` runs a fixed small part of the faulty inputs.
faults: setup
	KGREC_FUZZ_CASES=400 KGREC_FAULT_POINTS=20 $(BIN)/python -m pytest tests/faults --capture=no

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Slow, on real data. The others in benchmarks/ (train, recommend, faithfulness) ask a database that holds ratings
# and, but for the first, a trained model: `kgrec-gds demo --imdb ../shared/data/movielens` makes one.
bench: setup
	$(BIN)/python benchmarks/write.py
	$(BIN)/python benchmarks/kge/link_prediction.py --data ../shared/data/kge/fb15k-237

# Needs `uv` on the path; run it after a change of the dependencies in pyproject.toml.
lock:
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --output-file requirements.lock
	uv pip compile --group read --universal --python-version 3.11 --constraint requirements.lock \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --output-file requirements-read.lock

clean:
	rm -rf $(VENV) build dist *.egg-info
