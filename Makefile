# Two commands on a fresh Debian or Ubuntu with python3 and make: `make demo` and `make test`.
# Both set up what they need the first time; the stamp makes later runs quick.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
PYTHON ?= python3
ONCE ?=
VOLUMES ?=
QUERIES ?=
BROWSER ?= yes
MINUTES ?= 60
PARTS ?=
FUZZER := $(VENV)/.fuzzer
PEERS := $(VENV)/.peers

.PHONY: help set-up bench demo test soak lint format wheel lock clean browser

help:
	@echo "make demo          crawl, index and search a small archive that comes with the project, and serve it"
	@echo "make demo ONCE=1   the same, and end"
	@echo "make test          lint, types and all tests (BROWSER=no leaves out those that need Chromium)"
	@echo "make soak          what takes an hour: fuzzing led by coverage, the worst inputs (MINUTES=10 PARTS=\"worst fuzz-page\")"
	@echo "make lint          ruff and mypy alone      make format   put the code into form"
	@echo "make bench VOLUMES=FOLDER [QUERIES=FILE]   build and search beside whoosh, tantivy, xapian, notmuch and mu"
	@echo "make wheel         build dist/*.whl         make lock     choose the newest versions and lock them"
	@echo "make clean         remove what these made"

set-up: $(STAMP)

$(STAMP): .ci/set-up requirements-dev.lock pyproject.toml
	@PYTHON="$(PYTHON)" .ci/set-up $(VENV)
	@touch $@

demo: $(STAMP)
	@$(BIN)/python -m tests.demo $(if $(ONCE),--once)

browser:
	@.ci/set-up-browser $(BROWSER)

test: $(STAMP) $(PEERS) browser lint
	$(BIN)/python -m pytest $(if $(filter no,$(BROWSER)),-m "not browser")

soak: $(FUZZER)
	$(BIN)/python -m tests.soak --minutes $(MINUTES) $(PARTS)

# Whoosh as it was before whoosh3: of the same name, so it stands apart.
$(PEERS): requirements-peers.lock $(STAMP)
	@$(BIN)/python -m pip install --quiet --no-deps --upgrade --require-hashes --target $(VENV)/whoosh-2.7.4 -r requirements-peers.lock
	@touch $@

$(FUZZER): requirements-soak.lock $(STAMP)
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-soak.lock || \
		{ echo "The fuzzer comes as wheels for some Pythons on Linux alone: make soak PYTHON=python3.12, in a new $(VENV)."; exit 2; }
	@touch $@

# VOLUMES is a folder of a list's volume texts (.txt, .txt.gz), QUERIES has a query a line.
bench: $(STAMP)
	@test -n "$(VOLUMES)" || { echo "make bench VOLUMES=FOLDER [QUERIES=FILE]"; exit 2; }
	$(BIN)/python -m bench.index_speed $(VOLUMES) $(if $(QUERIES),--queries $(QUERIES))

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

wheel: $(STAMP)
	$(BIN)/python -m build --wheel --no-isolation

lock: $(STAMP)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command "make lock" --extra dev -o requirements-dev.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command "make lock" -c requirements-dev.lock -o requirements.lock pyproject.toml
	echo "atheris" | $(BIN)/uv pip compile --quiet --upgrade --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command "make lock" -c requirements-dev.lock -o requirements-soak.lock -

clean:
	rm -rf $(VENV) build dist demo-archive .soak *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
