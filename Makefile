# Every target prepares what it needs by itself; a second run finds it done and says nothing about it.
.DEFAULT_GOAL := help
.PHONY: help run setup test lint format bench deploy-check lock clean packages dev-packages peers

python := .venv/bin/python
huifu  := .venv/bin/huifu
# It fills the machine: beside other tests it would take them for a fault, and they it.
city   := tests/city/test_city.py

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: packages ## Prepare everything and start the service with its demo customers.
	@$(huifu) migrate
	@$(huifu) demo-data
	@exec $(huifu) run

setup: peers ## Prepare a checkout for working on it: packages, test peers, browser, git hook.
	@$(python) -m tools.hook

test: lint peers ## Run every check and every test, with real servers that it starts itself.
	@$(python) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(or $(ARGS),--ignore=$(city))
	@$(if $(ARGS),,$(python) -m pytest $(city))

lint: dev-packages ## Check style, formatting and types.
	@$(python) -m ruff check --quiet .
	@$(python) -m ruff format --check --quiet . || { echo "Not formatted: run make format."; exit 1; }
	@$(python) -m mypy --no-error-summary

format: dev-packages ## Format the code and repair what can be repaired by machine.
	@$(python) -m ruff check --fix --quiet . || true
	@$(python) -m ruff format --quiet .

bench: packages ## Measure turns per second next to the ceiling of this machine; options in ARGS.
	@$(huifu) bench $(ARGS)

deploy-check: dev-packages ## Check deploy/ with tools that come from no wheel: promtool and kubectl must be there.
	@PATH="$(CURDIR)/.venv/bin:$$PATH" sh deploy/check $(ARGS)

lock: ## Write both lock files anew from pyproject.toml; ARGS=--upgrade takes newer versions.
	@sh tools/venv
	@$(python) -m tools.lock $(ARGS)

clean: ## Remove the environment, the test peers and every cache, but never your data in instance/.
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info tests/peers/node_modules
	@find app tests tools migrations -name __pycache__ -type d -prune -exec rm -rf {} +

packages:
	@sh tools/venv
	@$(python) -m tools.install requirements.lock

dev-packages: packages
	@$(python) -m tools.install requirements-dev.lock

peers: dev-packages
	@$(python) tests/peers/install.py
	@$(python) -m tools.chromium
	@$(python) -m tools.systemd
