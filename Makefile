# The commands of this project. `make run` and `make test` do all the set-up they need.
SHELL := /bin/sh
PORT ?= 8000
HOST ?= 127.0.0.1
STAGE ?= production
# The function's own where this machine has it, else the first that is 3.11 or newer; `make PYTHON=... setup` chooses another.
PYTHON ?= $(shell for p in python3.13 python3 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
# Node 20 or newer from the machine, otherwise the one that requirements-dev.txt brings into .venv.
NODE := case "$$(node --version 2>/dev/null)" in v2[0-9].*|v[3-9][0-9].*) ;; *) PATH="$(CURDIR)/$(BIN):$$PATH" ;; esac
SAY_OFFLINE := echo "Could not fetch what is pinned: is this machine online? The lines above say what failed." >&2; exit 1
# What was typed, as one word of the shell whatever is in it.
typed = '$(subst ','\'',$(1))'
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard portal/web/translations/*/LC_MESSAGES/messages.po))
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(UPGRADE)

.PHONY: setup run test scripts serve assets clean lint lock audit browser screenshots
.PHONY: deploy doctor logs redrive rollback rotate cost budget destroy admin package sbom

setup: .venv/.installed assets $(CATALOGUES)

run: setup
	@exec $(BIN)/python -m portal.local --port $(PORT)

test: setup browser lint audit scripts
	$(BIN)/python -m pytest -n auto $(or $(ARGS),-p tests.measured_lines)

scripts: node_modules/.installed
	@$(NODE); node --test --test-reporter=dot tests/js/*.test.mjs

serve: setup
	@exec $(BIN)/python -m portal.serve --host $(HOST) --port $(PORT)

assets: static/vendor/.built

clean:
	rm -rf .local
	@echo "Forgotten: the local portal's people, files, shares and mails."

lint: .venv/.installed node_modules/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --quiet --lint templates portal/local/outbox.html
	$(BIN)/cfn-lint infrastructure/*.yaml
	$(BIN)/node node_modules/.bin/eslint .
	$(BIN)/zizmor --offline --quiet .github

audit: .venv/.installed
	$(BIN)/python .ci/audit.py requirements.txt requirements-dev.txt

browser: .venv/.installed
	@$(BIN)/python -m portal.local.chromium

screenshots: setup browser
	PYTHONPATH=$(CURDIR) $(BIN)/python -m tools.take_screenshots $(ARGS)

# From nothing to a running portal, and from one version to the next; PLAN=1 only shows what would change.
deploy: setup
	@$(BIN)/python -m infrastructure.deploy --stage $(call typed,$(STAGE)) \
	  $(if $(filter-out 0 no,$(PLAN)),--plan) $(if $(filter 1 yes,$(YES)),--yes) \
	  $(if $(PUBLIC_URL),--public-url $(call typed,$(PUBLIC_URL))) $(if $(MAIL_FROM),--mail-from $(call typed,$(MAIL_FROM))) \
	  $(if $(ALARM),--alarm $(call typed,$(ALARM))) $(if $(PACKAGE),--package $(call typed,$(PACKAGE))) $(ARGS)

# Looks at a deployed stage; ends with 0 where all is right, 1 where something is wrong, 2 where it is unknown.
doctor: .venv/.installed
	@$(BIN)/python -m infrastructure.doctor --stage $(call typed,$(STAGE)) $(ARGS)

# What the function logged: make logs ARGS="--minutes 600 --errors".
logs: .venv/.installed
	@$(BIN)/python -m infrastructure.logs --stage $(call typed,$(STAGE)) $(ARGS)

# Events that failed five times go through the queue again.
redrive: .venv/.installed
	@$(BIN)/python -m infrastructure.redrive --stage $(call typed,$(STAGE)) $(ARGS)

# The code of the version before runs again.
rollback: .venv/.installed
	@$(BIN)/python -m infrastructure.rollback --stage $(call typed,$(STAGE)) $(ARGS)

# What AWS's bill says of the stage.
cost: .venv/.installed
	@$(BIN)/python -m infrastructure.cost --stage $(call typed,$(STAGE)) $(ARGS)

# Takes the stage down; what people own stays, and it says where. Asks for the stage's name.
destroy: .venv/.installed
	@$(BIN)/python -m infrastructure.destroy --stage $(call typed,$(STAGE)) $(ARGS)

# A new secret key, in use at once; links that are out still open.
rotate: .venv/.installed
	@$(BIN)/python -m infrastructure.rotate --stage $(call typed,$(STAGE)) $(if $(filter 1 yes,$(YES)),--yes) $(ARGS)

# Has ALARM told when the account comes near AMOUNT, in USD a month, or costs something unusual.
budget: .venv/.installed
	@test -n $(call typed,$(AMOUNT)) && test -n $(call typed,$(ALARM)) || { echo "From when on, and whom? make budget AMOUNT=50 ALARM=operations@example.org" >&2; exit 1; }
	@$(BIN)/python -m infrastructure.watch_costs --stage $(call typed,$(STAGE)) --amount $(call typed,$(AMOUNT)) --alarm $(call typed,$(ALARM)) \
	  $(if $(filter 1 yes,$(YES)),--yes) $(ARGS)

# Makes ADDRESS an administrator of the deployed portal: the first one, or one more.
admin: .venv/.installed
	@test -n $(call typed,$(ADDRESS)) || { echo "Whom? make admin ADDRESS=ana@example.org" >&2; exit 1; }
	@$(BIN)/python -m infrastructure.make_admin $(call typed,$(ADDRESS)) --stage $(call typed,$(STAGE)) $(ARGS)

package: setup
	$(BIN)/python -m infrastructure.package $(ARGS)

# What the package is made of, in CycloneDX's format: build/sbom.json.
sbom: .venv/.installed
	@$(BIN)/python -m infrastructure.sbom

# `make lock` re-resolves what the .in files ask for; `make lock UPGRADE=--upgrade` also takes what is newer.
# The development file comes first: embedded AWS decides which botocore both files get.
lock: .venv/.installed
	$(COMPILE) requirements-dev.in -o requirements-dev.txt
	$(COMPILE) requirements.in -c requirements-dev.txt -o requirements.txt
	$(NODE); npm install --package-lock-only --ignore-scripts

.venv/.installed: requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "This needs Python 3.11 or newer, and there is none on PATH. Install one, or say where it is: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is not Python 3.11 or newer, which this needs." >&2; exit 1; }
	@echo "Setting up .venv, once. How long it takes depends on the connection: usually minutes."
	@$(PYTHON) -m venv .venv || { echo "Could not make .venv: on Debian and Ubuntu, install the package python3-venv." >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< || { $(SAY_OFFLINE); }
	@touch $@

node_modules/.installed: package-lock.json | .venv/.installed
	@$(NODE); npm ci --ignore-scripts --loglevel=error || { $(SAY_OFFLINE); }
	@touch $@

# Pages too: of Bootstrap is kept what they use.
static/vendor/.built: node_modules/.installed $(shell find assets static/js static/css templates portal/web -type f -name '*.[hcjmpt][tsjxy]*')
	@$(NODE); node assets/build.mjs
	@touch $@

%.mo: %.po | .venv/.installed
	@$(BIN)/pybabel --quiet compile --input-file=$< --output-file=$@
