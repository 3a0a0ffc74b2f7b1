# Every target only calls the tools; `make` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# The extra that brings TensorFlow: cpu, or gpu on a machine with NVIDIA cards.
EXTRA ?= cpu
VENV := .venv
UV := $(VENV)/bin/uv
SYNC := $(UV) sync --quiet --frozen --inexact --extra $(EXTRA) --extra embedded --extra s3
PYTEST = $(VENV)/bin/pytest -m '$(if $(SLOW),,not slow and )not thorough'
# Tests that take times and kill processes have the machine to themselves; all others share its cores.
ALONE := tests/acceptance tests/benchmarks/test_animations.py tests/faults
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(shell $(p) -c \
	'import sys; (3, 11) <= sys.version_info < (3, 14) and print("$(p)")' 2>/dev/null)))

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.run ## Make the environment that runs dreamqueue

demo: $(VENV)/.run ## Dream the example picture through the layers, paint every frame, watch it become a GIF
	$(VENV)/bin/dreamqueue up --demo

up: $(VENV)/.run ## Start everything on this machine; Ctrl-C stops it
	$(VENV)/bin/dreamqueue up

test: $(VENV)/.dev ## Run the tests; `make test SLOW=1` runs the slow ones too
	$(PYTEST) --numprocesses auto --maxprocesses 4 --dist loadfile $(addprefix --ignore=,$(ALONE))
	$(PYTEST) $(ALONE)

faults: $(VENV)/.dev ## Kill, cut off and wipe everything in turn, and see that no job is lost
	OUTAGE_SECONDS=60 SOAK_SECONDS=600 FAULT_SEEDS="$(shell seq -s ' ' 20)" \
		$(VENV)/bin/pytest tests/faults tests/shared/jobs/test_protocol.py

quality: $(VENV)/.dev ## Measure how good the pictures are, every figure against its target
	$(VENV)/bin/pytest tests/worker/bench/quality

lint: $(VENV)/.dev ## Check format, rules, types and layers
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/pyright
	$(VENV)/bin/lint-imports

format: $(VENV)/.dev ## Format the code
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

clean: ## Remove the environment and every cache
	rm -rf $(VENV) .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/bin/uv:
	@test -n "$(PYTHON)" || { echo "dreamqueue needs Python 3.11 to 3.13; name one with make PYTHON=…"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.run: pyproject.toml uv.lock | $(VENV)/bin/uv
	$(SYNC)
	@touch $@

$(VENV)/.dev: pyproject.toml uv.lock | $(VENV)/bin/uv
	$(SYNC) --extra video --extra dev
	@touch $@ $(VENV)/.run

.PHONY: help setup demo up test faults lint format clean
