# Two commands matter: `make demo` and `make test`. Both set everything up themselves, and are quick when run again.
PYTHON ?= python3
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
export PATH := $(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

MEMBERS := corelib registry $(patsubst %/pyproject.toml,%,$(wildcard plugins/*/pyproject.toml))
# The set-up is renewed when what would change it has changed: the hash of these files names its stamp. Members with
# kernels are installed as built, so that every file of theirs counts.
NATIVE := $(patsubst %/meson.build,%,$(wildcard plugins/*/meson.build))
SOURCES := pyproject.toml .ci/set_up.py $(addsuffix /pyproject.toml,$(MEMBERS)) \
	$(shell find $(NATIVE) corelib/src/phosphene_core/native -type f -not -path '*/build/*' -not -path '*/tests/*' -not -name '*.md' -not -name '*.pyc' | sort)
STAMP := $(VENV)/.set-up-$(shell cat $(SOURCES) 2>/dev/null | cksum | tr ' ' '-')

.PHONY: demo test lint types setup docs notebooks clean
.DEFAULT_GOAL := setup

setup: $(STAMP)

demo: $(STAMP)  ## the main job: out/index.html
	phosphene demo -o out

test: $(STAMP)  ## every test
	pytest -n 2 corelib registry plugins tests

lint: $(STAMP)
	ruff check .

types: $(STAMP)
	mypy $(addsuffix /src,$(MEMBERS))

notebooks: $(STAMP)  ## every notebook from top to bottom: out/notebooks/*.html
	$(PYTHON) .ci/set_up.py --group notebooks $(VENV)
	python .ci/notebooks.py out/notebooks docs/notebooks/*.py
	PHOSPHENE_THOROUGH=1 pytest plugins/assignment/tests/test_notebooks.py

docs: $(STAMP)  ## the site: site/index.html; a warning or a link that leads nowhere is an error
	$(PYTHON) .ci/set_up.py --group docs $(VENV)
	NO_MKDOCS_2_WARNING=1 mkdocs build --quiet --strict
	@echo site/index.html

$(STAMP):
	$(PYTHON) .ci/set_up.py $(VENV) $(MEMBERS)
	@rm -f $(VENV)/.set-up-*
	@touch $@

clean:
	rm -rf $(VENV) out build dist site
