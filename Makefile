# `make help` lists what you can do here. Everything runs in .venv, which is made on the first call.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first Python here that is new enough; name another with PYTHON=/path/to/python3.
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)

.PHONY: help setup demo doctor live-check test lint bench pictures translations clean

help: ## List what you can do here
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile | expand -t 21

setup: ## Make .venv and install the locked dependencies (the others do it when needed)
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is missing. Install it (Debian: apt-get install python3 python3-venv; macOS: brew install python) or name it: make $(or $(MAKECMDGOALS),demo) PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) sandbox/demo/prepare.py

demo: setup ## Run the shop with seeded data, its workers and the sandbox; Ctrl-C stops all of it
	@exec .venv/bin/python -m sandbox.demo

doctor: setup ## Say what is wrong with the settings and the services, with the cure
	@exec .venv/bin/python -m sandbox.demo run python -m shop.doctor

live-check: setup ## Try every flow with the test keys in .env at Stripe and PayPal; writes live-checks/<date>.md
	@exec .venv/bin/python -m e2e.livecheck $(FLAGS)

test: setup ## Run all the tests: unit, integration, browser
	@exec .venv/bin/python -m tests

lint: setup ## Check style, security rules, types and secrets
	@.venv/bin/ruff check .
	@.venv/bin/mypy --strict
	@git ls-files -z | xargs -0 .venv/bin/detect-secrets-hook --baseline .secrets.baseline

bench: setup ## Measure webhooks, orders, pages and memory beside a floor; needs PostgreSQL, takes minutes
	@exec .venv/bin/python -m bench

pictures: setup ## Take the pictures of docs/pictures anew, from a demo of its own
	@exec .venv/bin/python -m e2e.pictures

translations: setup ## Bring the catalogues of texts up to date with the code, and compile them
	@.venv/bin/pybabel -q extract -F pyproject.toml -k _l --no-location --omit-header --sort-output -o shop/translations/messages.pot .
	@.venv/bin/pybabel -q update -i shop/translations/messages.pot -d shop/translations --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@.venv/bin/pybabel -q compile -d shop/translations --statistics
	@rm shop/translations/messages.pot

clean: ## Forget the demo's data (var/) and the caches; keeps .venv and .env
	@rm -rf var .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
