# make demo | app | test | quick | fuzz | check | golden | docs | coverage | bench DATA=folder | clean
#
# Everything goes into .venv beside this file, in the exact versions of constraints.txt. PYTHON names another Python,
# PIP_FLAGS is handed to pip, PYTEST_FLAGS to pytest, for example
# make demo PIP_FLAGS="--extra-index-url https://download.pytorch.org/whl/cpu"      # the small torch, without CUDA
# make quick PYTEST_FLAGS="-k watermark"

VENV ?= .venv
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3 python; do command -v $$name && break; done)
PIP_FLAGS ?=
PYTEST_FLAGS ?=
JOBS ?= 2
MINUTES ?= 20
BIN := $(VENV)/bin
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python -m pytest -q $(PYTEST_FLAGS)
IN_PARALLEL := -n $(JOBS) --dist loadfile

.PHONY: demo app test quick fuzz check golden docs coverage bench clean
.DEFAULT_GOAL := demo

demo: $(VENV)/core.stamp
	@$(BIN)/keepsake photo examples/old_print.jpg -o old_print-keepsake.mp4 --force
	@echo "The clip is here: $(CURDIR)/old_print-keepsake.mp4"

app: $(VENV)/app.stamp
	@$(BIN)/python app.py

test: $(VENV)/dev.stamp
	$(PYTEST) $(IN_PARALLEL)

quick: $(VENV)/dev.stamp
	$(PYTEST) $(IN_PARALLEL) -m "not slow"

fuzz: $(VENV)/dev.stamp
	KEEPSAKE_FUZZ_MINUTES=$(MINUTES) $(PYTEST) -s tests/fuzz

check: $(VENV)/dev.stamp
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy
	$(BIN)/python -m pip check
	$(BIN)/python tests/structure.py
	$(BIN)/python -m pytest -q tests/test_architecture.py tests/test_docs.py

# Writes the golden pictures anew: only after a change of the picture that was meant and looked at.
golden: $(VENV)/dev.stamp
	KEEPSAKE_GOLDEN=write $(PYTEST) tests/golden tests/interfaces/web/test_sealed.py::test_the_page_makes_a_clip_and_asks_no_network

docs: $(VENV)/dev.stamp
	$(BIN)/python docs/generate.py

coverage: $(VENV)/dev.stamp
	$(PYTEST) $(IN_PARALLEL) --cov --cov-report=term

bench: $(VENV)/core.stamp
	@test -n "$(DATA)" || { echo "make bench DATA=folder: DATA names the folder with clips.csv and stills.csv" >&2; exit 2; }
	@$(BIN)/keepsake bench --data "$(DATA)"

clean:
	rm -rf $(VENV)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Keepsake needs Python 3.11 or newer; none was found." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Keepsake needs Python 3.11 or newer; $(PYTHON) is older. Name another one: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# dev holds app and app holds core: installing the larger one settles the smaller ones too.
$(VENV)/core.stamp: EXTRA :=
$(VENV)/core.stamp: SETTLED := core
$(VENV)/app.stamp: EXTRA := [app]
$(VENV)/app.stamp: SETTLED := core app
$(VENV)/dev.stamp: EXTRA := [dev]
$(VENV)/dev.stamp: SETTLED := core app dev
$(VENV)/%.stamp: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Keepsake$(EXTRA) and what it needs into $(VENV): a few GB and some minutes the first time."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_FLAGS) \
		--constraint constraints.txt --editable '.$(EXTRA)'
	@touch $(SETTLED:%=$(VENV)/%.stamp)
