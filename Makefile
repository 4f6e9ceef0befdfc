.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
PY := $(shell $(PYTHON) -c 'import sys; print("py%d%d" % sys.version_info[:2])' 2>/dev/null)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
CATALOGUES := app/enertrack/web/locale
PACKAGE := pyproject.toml hatch_build.py package-lock.json requirements/node.txt $(wildcard $(CATALOGUES)/*/*/*.po)
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
WHEEL := dist/enertrack-$(VERSION)-py3-none-any.whl
SUITE ?= bookworm
SERVERS := mariadbd:mariadb-server mosquitto:mosquitto mosquitto_pub:mosquitto-clients restic:restic chromium:chromium \
  pebble:pebble nginx:nginx-light nft:nftables
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help
help: ## Muestra esta ayuda
	@printf 'EnerTrack: make ORDEN\n\n'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: .venv/.demo ## Prepara todo y abre la demostración en http://127.0.0.1:8006 (usuario demo, contraseña demo)
	@ENERTRACK_DATOS="$${ENERTRACK_DATOS:-.demo}" exec $(BIN)/enertrack demo

.PHONY: test
test: .venv/.dev servers node_modules/.bin/tsc ## Prepara todo y ejecuta las pruebas
	@$(BIN)/python -m pytest -m 'not faults and not bench and not vm' -n 3 --dist=loadfile --no-loadscope-reorder

.PHONY: ansible
ansible: .venv/.ansible ## Prepara Ansible para instalar EnerTrack en un servidor

.PHONY: dist
dist: $(WHEEL) ## Construye el paquete de esta versión en dist/

CHECKS := check-style check-types check-layers check-templates check-javascript check-scripts check-ansible
.PHONY: check $(CHECKS)
check: $(CHECKS) ## Revisa estilo, tipos, capas, plantillas y guiones
$(CHECKS): .venv/.dev
check-style:
	@ruff check --quiet .
	@ruff format --check --quiet .
check-types:
	@mypy
check-layers:
	@lint-imports --no-logo
check-templates:
	@djlint app/enertrack/web --extension=html --lint --check
check-javascript: node_modules/.bin/tsc
	@node_modules/.bin/tsc
check-scripts:
	@git ls-files -z .ci scripts '*.sh' ':!scripts/role-docs' | xargs -0 shellcheck
	@git ls-files -z '*.yml' '*.yaml' | xargs -0 --no-run-if-empty yamllint --strict

check-ansible:
	@ansible-lint -q --strict
	@scripts/role-docs --check
	@ansible-playbook --inventory playbooks/inventory/example.yml --syntax-check $(wildcard playbooks/[!g]*.yml) >/dev/null

.PHONY: faults
faults: .venv/.dev servers ## Prueba con cortes: procesos y servidores muertos a mitad de camino
	@$(BIN)/python -m pytest -m faults tests/faults --timeout=600 -n 2 --dist=loadfile

.PHONY: vm
vm: .venv/.dev ## Instala EnerTrack en una máquina de usar y tirar (SUITE=trixie para Debian 13) y dice cómo entrar
	@scripts/vm up $(SUITE)

.PHONY: vm-down
vm-down: ## La apaga sin dejar rastro
	@scripts/vm down

.PHONY: vm-test
vm-test: .venv/.dev $(WHEEL) ## Prueba la instalación entera en máquinas Debian 12 y 13 de usar y tirar
	@scripts/machine deps
	@scripts/need pebble:pebble vagrant:vagrant certutil:libnss3-tools $(SERVERS)
	@$(BIN)/python -m tests.support.influxd >/dev/null
	@$(BIN)/python -m pytest -m vm tests/roles -n 2 --dist=loadscope --durations=40

.PHONY: bench
bench: .venv/.dev servers ## Mide las relaciones de rendimiento y las escribe en docs/quality.md
	@$(BIN)/python -m tests.bench

.PHONY: schema
schema: .venv/.dev ## Vuelve a generar schema.sql desde las tablas
	@$(BIN)/python -m enertrack.stores.schema > schema.sql

.PHONY: translations
translations: .venv/.dev ## Lleva los textos nuevos y cambiados a los catálogos (app/enertrack/web/locale)
	@scripts/translations

.PHONY: requirements
requirements: .venv/.dev ## Fija de nuevo las versiones de las bibliotecas (requirements/)
	@scripts/pin

.PHONY: clean
clean: ## Borra lo generado: entorno, bibliotecas, datos de la demostración
	rm -rf .venv node_modules .demo app/enertrack/web/static/vendor dist build
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: servers
servers: .venv/.dev
	@scripts/need $(SERVERS)
	@$(BIN)/python -m tests.support.influxd >/dev/null

# The environment in two steps of growth; each stamp is as new as what it was made from.
.venv/.$(PY):
	@[ -f requirements/demo-$(PY).txt ] || { echo 'EnerTrack necesita Python 3.11, 3.12 o 3.13: make PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || scripts/need no-venv:python3-venv
	@echo 'Preparo el entorno (.venv)...'
	@$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/.demo: .venv/.$(PY) requirements/demo-$(PY).txt $(PACKAGE)
	@$(PIP) --require-hashes -r requirements/demo-$(PY).txt
	@command -v npm >/dev/null || $(PIP) --require-hashes -r requirements/node.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.ansible: .venv/.$(PY) requirements/ansible-$(PY).txt
	@[ -f .venv/.dev ] || $(PIP) --require-hashes -r requirements/ansible-$(PY).txt # .dev has it all
	@touch $@

.venv/.dev: .venv/.demo requirements/dev-$(PY).txt
	@$(PIP) --require-hashes -r requirements/dev-$(PY).txt
	@touch $@

$(WHEEL): $(PACKAGE) README.md LICENSE $(shell git ls-files app 2>/dev/null || find app -type f) | .venv/.ansible
	@command -v npm >/dev/null || $(PIP) --require-hashes -r requirements/node.txt
	@echo 'Construyo el paquete de EnerTrack $(VERSION)...'
	@mkdir -p dist && flock dist $(BIN)/python -m hatchling build -t wheel >/dev/null

node_modules/.bin/tsc: package-lock.json .venv/.demo
	@npm ci --ignore-scripts --silent
	@touch $@
