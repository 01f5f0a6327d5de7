# What people and CI do with this project. `make help` lists it; ARGS="…" is handed on to the command.
VENV := .venv
PYTHON := $(VENV)/bin/python
STAMP := $(VENV)/installed
ARGS :=

# The interpreters that TensorFlow is built for. `ensurepip` is missing where Debian's python3-venv is.
SUITABLE := import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
# Says yes when the environment runs and was made for this folder: a moved or broken one is made anew.
USABLE := $(shell $(PYTHON) -c 'import os; print("yes" if open("$(STAMP)").read() == os.getcwd() else "")' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help install sweep test slow lint ui reproduce best bench storm api audit lock force

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

install: $(STAMP) ## make .venv with the pinned dependencies (Python 3.11 to 3.13)

sweep: install ## train and compare three recurrent architectures on the bundled sample
	@$(PYTHON) train.py -m architecture=lstm,gru,simplernn $(ARGS)

test: install ## run the tests
	@echo "Testing bitjaru: pytest over tests/, two processes"
	@$(PYTHON) -m pytest -n 2 --dist loadfile -m "not slow" $(ARGS)

slow: install ## run the tests that take long: kills, an installed wheel, examples, notebooks
	@$(PYTHON) -m pytest -n 2 --dist loadgroup -m slow $(ARGS)

lint: install ## check style, format and types
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy

ui: install ## open the MLflow UI over the project's runs
	@$(VENV)/bin/bitjaru ui $(ARGS)

reproduce: install ## run the documents' recipes that were not run yet, and write docs/results.md (hours)
	@$(VENV)/bin/bitjaru reproduce $(ARGS)

best: install ## run the best single models, three seeds each, and write docs/best.md (hours)
	@$(VENV)/bin/bitjaru reproduce --best $(ARGS)

bench: install ## measure everything and write docs/benchmarks.md (an hour)
	@$(PYTHON) benchmarks/page.py $(ARGS)

storm: install ## kill, damage and mistype until it was enough, and write docs/storm.md (a night; ARGS="--minutes 8")
	@PYTHONPATH=benchmarks $(PYTHON) -m storm $(ARGS)

api: install ## write docs/api.md, what other programs may import
	@$(PYTHON) docs/api.py

audit: install ## list the dependencies, their licences and known weaknesses into build/audit
	@$(PYTHON) docs/audit.py $(ARGS)

lock: install ## resolve the ranges of pyproject.toml anew into requirements.lock
	@rm -rf build/lock && mkdir -p build && $(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip install --quiet --upgrade --editable '.[okt,dashboard,onnx,postgres,ray,dev]' setuptools wheel
	@{ grep '^#' requirements.lock; build/lock/bin/python -m pip freeze --all --exclude pip --exclude-editable; } > build/new.lock
	@mv build/new.lock requirements.lock && rm -r build/lock

# `unfinished` stands in the environment while it is being filled, and an old one is moved away before it is deleted:
# after Ctrl-C at any point the next make starts over.
$(STAMP): requirements.lock pyproject.toml $(if $(USABLE),,force)
	@if [ -e $(VENV)/unfinished ] || { [ -e $(STAMP) ] && [ -z "$(USABLE)" ]; } \
	    || ! $(PYTHON) -c 'import pip; $(SUITABLE)' 2>/dev/null; then \
	    rm -rf $(VENV).old; [ ! -e $(VENV) ] || mv $(VENV) $(VENV).old; rm -rf $(VENV).old; \
	fi
	@if [ ! -e $(VENV) ]; then \
	    for python in python3 python3.13 python3.12 python3.11 ""; do \
	        if [ -n "$$python" ] && "$$python" -c '$(SUITABLE)' 2>/dev/null; then break; fi; \
	    done; \
	    if [ -z "$$python" ]; then \
	        echo "bitjaru needs Python 3.11, 3.12 or 3.13 with its venv module (on Debian and Ubuntu: python3-venv)." >&2; \
	        echo "Received: python3 is $$(python3 --version 2>/dev/null || echo missing); no python3.13, python3.12 or python3.11 that works." >&2; \
	        exit 1; \
	    fi; \
	    mkdir $(VENV) && touch $(VENV)/unfinished && "$$python" -m venv $(VENV); \
	fi
	@touch $(VENV)/unfinished && rm -f $(STAMP)
	@echo "Installing the pinned packages into $(VENV). The first time this downloads about 1 GB."
	@[ -t 1 ] || quiet=--quiet; \
	 $(PYTHON) -m pip install $$quiet --disable-pip-version-check --no-deps --requirement requirements.lock
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@rm $(VENV)/unfinished && $(PYTHON) -c 'import os; open("$(STAMP)", "w").write(os.getcwd())'

force:
