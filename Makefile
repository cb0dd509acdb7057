# The two commands are `make demo` and `make test`. Both need Python 3.11 or newer, and nothing else.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help demo dev test laws lint bench bench-emulators docs lock

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/installed  ## both CRMs as emulators, nightly runs until nothing is left to do, and what changed
	$(BIN)/crm-pipeline demo

dev: .venv/installed  ## the Dagster UI on the demo organisation; Ctrl-C stops everything
	@exec $(BIN)/crm-pipeline dev

test: lint  ## lint, types and all tests
	$(BIN)/python -m pytest -n 3 --dist worksteal

laws: .venv/installed  ## the laws at full size: every state, fault and kill, HISTORIES=100000 histories from SEED=0, a tenth as many of families
	$(BIN)/python -m crm_pipeline_tests.laws
	$(BIN)/python -m crm_pipeline_tests.laws.machine $(or $(HISTORIES),100000) $(or $(SEED),0)
	$(BIN)/python -m crm_pipeline_tests.laws.relations $$(( $(or $(HISTORIES),100000) / 10 )) $(or $(SEED),0)
	CRM_PIPELINE_NEW_EXAMPLES=1 CRM_PIPELINE_ALL_FAULTS=1 CRM_PIPELINE_ALL_STATES=1 CRM_PIPELINE_FAULT_SEEDS=20 \
	  $(BIN)/python -m pytest -n 2 --dist worksteal -rP \
	  crm_pipeline_tests/laws crm_pipeline_tests/extract/faults crm_pipeline_tests/extract/test_load.py \
	  crm_pipeline_tests/push/test_bulk.py crm_pipeline_tests/pipeline/test_law_49.py \
	  crm_pipeline_tests/pipeline/test_restored.py

lint: .venv/installed  ## ruff, mypy, and what is installed: hashes, licences, versions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m crm_pipeline_tests.dependencies

bench: .venv/installed  ## PART=stages (seconds of each step), extract, proof, match, sync or emulators; RECORDS=100000 in each CRM
	$(BIN)/python -m crm_pipeline_tests.benchmarks $(or $(PART),stages) $(if $(RECORDS),--records $(RECORDS)) \
	  $(if $(CONNECTORS),--connectors $(CONNECTORS)) $(if $(SEEDS),--seeds $(SEEDS)) \
	  $(if $(LABELLED),--labelled $(LABELLED))

bench-emulators:  ## how fast the emulated CRMs are; RECORDS=1000000 for a million in each
	@$(MAKE) --no-print-directory bench PART=emulators

docs: .venv/installed  ## tables.md, reference.md, errors.md and the table of all cases anew, from what the program says
	$(BIN)/python -m crm_pipeline_tests.publish.tables_page
	$(BIN)/python -m crm_pipeline_tests.documentation
	$(BIN)/python -m crm_pipeline.push.refusals > docs/errors.md

lock: .venv/installed  ## write requirements.lock anew from pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-strip-extras --no-emit-index-url --no-header --no-annotate --quiet -o requirements.lock

# Made anew only when the lock says something else than at the last time: every package is checked against its hash.
.venv/installed: requirements.lock
	@cmp -s requirements.lock .venv/requirements.lock || $(MAKE) --no-print-directory .venv/anew
	@touch .venv/installed

.PHONY: .venv/anew
.venv/anew:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "crm-pipeline needs Python 3.11 or newer; try: make PYTHON=python3.11 demo" >&2; exit 1; }
	@echo "Installing $$(grep -c '^[a-z].*==' requirements.lock) packages into .venv, each checked against its hash; that takes \
	about two minutes."
	rm -rf .venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@cp requirements.lock .venv/requirements.lock
