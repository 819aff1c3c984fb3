# Everything a developer runs. `make demo` and `make test` need nothing but python3 (3.11 or later) and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
APT := apt-get -o DPkg::Lock::Timeout=300 -y
WORDS := handover/locale

.PHONY: demo test check bench format words debian-packages

demo: $(VENV)/.installed
	@exec $(BIN)/handover demo

# Two browsers, a relay and a dozen windows share the machine's cores: what fails is tried once more, by itself, and both
# results stand in the output. A fault that is there both times ends in red.
test: $(VENV)/.installed-test debian-packages
	$(BIN)/python -m pytest $(ARGS) || { [ $$? -eq 1 ] && echo 'Once more, what failed:' && \
		$(BIN)/python -m pytest --last-failed --last-failed-no-failures none $(ARGS); }

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict

bench: $(VENV)/.installed-test debian-packages
	$(BIN)/python -m tests.bench $(ARGS)

format: $(VENV)/.installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# New sentences go into both catalogues untranslated; translate them there and run this again.
words: $(VENV)/.installed
	$(BIN)/pybabel --quiet extract -F $(WORDS)/babel.cfg --sort-by-file --add-location=file --no-wrap \
		-o $(VENV)/handover.pot handover templates
	for language in da nb; do \
		$(BIN)/pybabel --quiet update -D handover -d $(WORDS) -l $$language -i $(VENV)/handover.pot --no-wrap \
			--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date || exit 1; \
	done
	$(BIN)/pybabel --quiet compile -D handover -d $(WORDS)

$(VENV)/.installed: setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Python 3.11 or later is needed. Name one with: make PYTHON=python3.11 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo 'Python cannot make virtual environments yet. On Debian: sudo apt-get install python3-venv' >&2; exit 1; }
	@$(PIP) --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	@echo 'Installing into $(VENV) (once; about half a minute)'
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	@echo 'Installing what the tests need into $(VENV) (once; about half a minute)'
	@$(PIP) install --editable '.[test]'
	@touch $@

# The browser tests drive Debian's chromium and firefox-esr and a relay of their own from Debian's coturn; Playwright's
# own driver cannot start without libatomic. systemd would start coturn with the package's own settings, as a relay open to
# everybody, now and at every boot: it is switched off again, unless it was here before. The tests start their own.
debian-packages: $(VENV)/.installed-test
	@set --; \
	command -v chromium >/dev/null || set -- chromium; \
	$(BIN)/playwright --version >/dev/null 2>&1 || set -- "$$@" libatomic1; \
	PATH="$$PATH:/usr/bin:/usr/sbin" command -v turnserver >/dev/null || set -- "$$@" coturn; \
	command -v firefox-esr >/dev/null || set -- "$$@" firefox-esr; \
	[ $$# -gt 0 ] || exit 0; \
	if [ "$$(id -u)" = 0 ]; then as=; elif sudo -n true 2>/dev/null; then as='sudo -n'; else as=nobody; fi; \
	if [ "$$as" = nobody ] || ! command -v apt-get >/dev/null; then \
		echo "Missing: $$*. On Debian: sudo apt-get install --no-install-recommends $$*" >&2; exit 1; \
	fi; \
	echo "Installing $$* (once; about a minute)"; \
	$$as env DEBIAN_FRONTEND=noninteractive $(APT) update -qq; \
	$$as env DEBIAN_FRONTEND=noninteractive $(APT) install -qq --no-install-recommends "$$@" </dev/null || exit 1; \
	case " $$* " in *' coturn '*) ;; *) exit 0 ;; esac; \
	[ ! -d /run/systemd/system ] || $$as systemctl disable --quiet --now coturn
