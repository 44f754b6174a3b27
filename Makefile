# Each target sets up what it needs: a step leaves a stamp and is done again only when what it depends on has changed.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3.11
UV_VERSION := 0.13.8
TORCH_VERSION := 2.13.0
# Where pip finds PyTorch: for the processor alone on Linux, PyTorch's own index (--index-url ...), see docs/export.md.
TORCH_ARGS ?=
SPOTTER_SHARED ?= ../shared
ARGS ?=

BIN := .venv/bin
STAMPS := .spotter/stamps
WEB := svc_edge_api/web
BUF := $(WEB)/node_modules/.bin/buf
PACKAGES := mesh spotter_cli svc_coach svc_edge_api svc_identity svc_ingest svc_motion svc_vision triton_models
PROTOS := $(shell find proto -name '*.proto')
WEB_SOURCES := $(shell find $(WEB)/src $(WEB)/public -type f -not -path '*/gen/*' 2>/dev/null) \
	$(wildcard $(WEB)/*.json $(WEB)/*.ts $(WEB)/*.html $(WEB)/*.yaml)
MODEL_SOURCES := $(wildcard triton_models/*.py triton_models/*.json triton_models/*.yaml triton_models/*.png triton_models/*.npy svc_motion/weights/*.onnx)
# The contracts are compared with the first version of them that this clone knows.
PROTO_BASE ?= $(shell git log --format=%H --reverse -- proto 2>/dev/null | head -1)

say = @printf '\033[1m== %s\033[0m\n' "$(1)"

.PHONY: help setup proto models export-env nats web chromium check test demo evaluate evaluate-degradation evaluate-tracking evaluate-faults evaluate-falls train bench clean look-again

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 25

setup: proto models nats web ## Everything that running needs: packages, contracts, models, nats-server, web app

proto: $(STAMPS)/proto ## Generate the code of the contracts into spotter/

models: $(STAMPS)/models ## Build the pose models, and those whose files SPOTTER_MODELS has, into triton_models/repository/

export-env: $(STAMPS)/export ## The separate environment with PyTorch and ultralytics: exporting models, measuring beside them

nats: $(STAMPS)/nats ## Unpack nats-server into .spotter/bin, where it isn't on PATH

demo: setup ## Watch the sample gym; ARGS="--once --no-browser --summary out.json"
	@$(BIN)/spotter demo $(ARGS)

evaluate: setup ## Count the shared test clips: the table goes to out/evaluation
	@$(BIN)/spotter evaluate $(SPOTTER_SHARED)/MANIFEST.json --out out/evaluation $(ARGS)

evaluate-degradation: setup ## The same at 10 fps, half resolution, mirrored, with joints lost: the table goes to out/degradation
	@$(BIN)/spotter evaluate-degradation $(SPOTTER_SHARED)/MANIFEST.json --out out/degradation $(ARGS)

evaluate-tracking: setup ## Tell people apart in drawn scenes: the table goes to out/tracking; ARGS="crossing_2 --film"
	@$(BIN)/spotter evaluate-tracking --out out/tracking $(ARGS) \
		$$(if [ -f $(SPOTTER_SHARED)/MANIFEST.json ]; then echo --clips $(SPOTTER_SHARED)/MANIFEST.json; fi)

evaluate-faults: setup ## Judge labelled sets of exercise form: the table goes to out/fault-evaluation; ARGS="pose-trainer"
	@$(BIN)/spotter evaluate-faults --shared $(SPOTTER_SHARED) --out out/fault-evaluation $(ARGS)

evaluate-falls: setup ## Tell drawn falls from drawn training: the table goes to out/fall-evaluation; ARGS="--pose-model blazepose"
	@$(BIN)/spotter evaluate-falls --out out/fall-evaluation $(ARGS) \
		$$(if [ -f $(SPOTTER_SHARED)/MANIFEST.json ]; then echo --clips $(SPOTTER_SHARED)/MANIFEST.json; fi)

train: $(if $(wildcard $(STAMPS)/export),,$(STAMPS)/train) ## Train the exercise network from scratch, under half an hour on 2 cores; ARGS="--steps 4200 --seed 1"
	@SPOTTER_SHARED=$(SPOTTER_SHARED) $(if $(wildcard $(STAMPS)/export),.spotter/export,.spotter/train)/bin/python -m svc_motion.training.train $(ARGS)

bench: setup ## Measure speed, latency and memory
	@$(BIN)/python -m spotter_cli.bench $(ARGS)

check: proto web ## ruff, mypy --strict, buf lint, buf breaking
	$(call say,ruff)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(call say,mypy --strict)
	@$(BIN)/mypy --strict $(wildcard $(PACKAGES)) scripts
	@if [ ! -x $(BUF) ]; then echo "buf: skipped, because it comes with the web app's packages, and those need Node."; \
	else printf '\033[1m== buf\033[0m\n'; $(BUF) lint; \
		if [ -n "$(PROTO_BASE)" ]; then $(BUF) breaking --against ".git#ref=$(PROTO_BASE)"; \
		else echo "buf breaking: skipped, because there is no git history to compare with."; fi; fi

test: setup chromium ## All tests, with real servers
	@if command -v npm >/dev/null; then printf '\033[1m== vitest\033[0m\n'; cd $(WEB) && npm test --silent; \
	else echo "vitest: skipped, because Node is missing."; fi
	$(call say,pytest)
	@$(BIN)/python -m pytest $(ARGS)

chromium: # Browser tests skip themselves, with this reason, where it can't be had.
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		printf '\033[1m== Chromium for the browser tests (apt-get install chromium)\033[0m\n'; \
		{ apt-get install -y -q --no-install-recommends chromium >/tmp/spotter-chromium.log 2>&1 \
		|| { apt-get update -q && apt-get install -y -q --no-install-recommends chromium; } >>/tmp/spotter-chromium.log 2>&1; } \
		|| echo "Chromium can't be installed; browser tests will be skipped. See /tmp/spotter-chromium.log."; \
	else echo "Chromium is missing; browser tests will be skipped. Install the package chromium to run them."; fi

clean: ## Remove what can be made again; data, secrets and logs in .spotter stay
	rm -rf .venv .spotter/export .spotter/train spotter $(STAMPS) out .mypy_cache .ruff_cache .pytest_cache $(WEB)/node_modules $(WEB)/dist $(WEB)/src/gen
	rm -f triton_models/repository/*/*/*.onnx
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMPS)/venv:
	$(call say,virtual environment)
	@mkdir -p $(@D)
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing. Install Python 3.11, or name one: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "$(PYTHON) isn't Python 3.11."; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Python can't make virtual environments; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

$(STAMPS)/packages: requirements.lock $(STAMPS)/venv
	$(call say,packages of requirements.lock)
	@$(BIN)/uv pip sync --python $(BIN)/python --require-hashes requirements.lock
	@touch $@

$(STAMPS)/project: pyproject.toml hatch_build.py $(STAMPS)/packages
	$(call say,spotter itself)
	@$(BIN)/uv pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/proto: $(PROTOS) scripts/generate_contracts.py $(STAMPS)/project
	$(call say,contracts)
	@$(BIN)/python scripts/generate_contracts.py
	@touch $@

# A folder of models may hold something new, so it is always looked at; what is built already stays as it is.
$(STAMPS)/models: $(MODEL_SOURCES) $(STAMPS)/packages $(if $(SPOTTER_MODELS),look-again)
	$(call say,models)
	@$(BIN)/python -m triton_models
	@touch $@

# PyTorch apart, and without a digest: which of its wheels fits is the machine's matter.
$(STAMPS)/export: triton_models/export/requirements.lock $(STAMPS)/venv
	$(call say,export environment: PyTorch and ultralytics in .spotter/export (1.5 GB))
	@$(PYTHON) -m venv .spotter/export
	@$(BIN)/uv pip install --quiet --python .spotter/export/bin/python --no-deps --require-hashes -r triton_models/export/requirements.lock
	@.spotter/export/bin/python -m pip install --quiet --disable-pip-version-check --no-warn-conflicts \
		torch==$(TORCH_VERSION) $(TORCH_ARGS)
	@touch $@

# The environment of `make export-env` has all of it; without that, only what training needs.
$(STAMPS)/train: pyproject.toml requirements.lock $(STAMPS)/venv
	$(call say,training environment: PyTorch in .spotter/train)
	@$(PYTHON) -m venv .spotter/train
	@$(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['train'], sep='\n')" \
		| grep -v '^torch=' > .spotter/train/requirements.in
	@$(BIN)/uv pip install --quiet --python .spotter/train/bin/python --constraint requirements.lock -r .spotter/train/requirements.in
	@.spotter/train/bin/python -m pip install --quiet --disable-pip-version-check torch==$(TORCH_VERSION) $(TORCH_ARGS)
	@touch $@

$(STAMPS)/nats: $(STAMPS)/project
	$(call say,nats-server)
	@if SPOTTER_HOME=.spotter $(BIN)/python scripts/fetch_nats.py; then touch $@; fi

web: $(STAMPS)/packages
	@if ! command -v npm >/dev/null; then \
		echo "web app: skipped, because Node is missing. Everything but the page works; for the page install Node 20 or newer (https://nodejs.org)."; \
	else $(MAKE) -s $(STAMPS)/web; fi

$(STAMPS)/web-packages: $(WEB)/package.json $(WEB)/package-lock.json
	$(call say,packages of the web app)
	@mkdir -p $(@D)
	@cd $(WEB) && npm ci --no-audit --no-fund
	@touch $@

$(STAMPS)/web: $(STAMPS)/web-packages $(WEB_SOURCES) $(PROTOS)
	$(call say,web app)
	@cd $(WEB) && npm run build
	@touch $@
