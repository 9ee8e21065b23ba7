# Two commands for a fresh clone: `make run` and `make test`. `make help` lists the rest.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
REAL    = chromium minisign mosquitto shellcheck systemd xvfb
REAL_SCENES = s1 s2 s3 s5 s6 s6b s7 s8 s9 s10
NEEDED  = Latchlens needs Python 3.11 or newer: install one and run make PYTHON=python3.11 $(MAKECMDGOALS)

.PHONY: help run test check lint types contracts unit real scenes-real sweep bench soak circle mutants wheel wheelhouse release install-test image-files screenshots models clean \
	picamera-test aarch64-test powercut-test vm-test
.DEFAULT_GOAL := help

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(STAMP)  ## a day with visitors at a simulated door, and its page: real models, no hardware, no broker
	@$(BIN)/latchlens simulate

test: $(STAMP) lint types contracts unit  ## everything that continuous integration runs

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy

contracts: $(STAMP)
	$(BIN)/lint-imports

unit: $(STAMP) real
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile

# Where root runs the tests on Debian, what they meet is installed; elsewhere those tests are skipped, aloud.
real:
	@set -- $(REAL); for each; do dpkg -s $$each >/dev/null 2>&1 || missing="$$missing $$each"; done; \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  { apt-get -qq update && apt-get -qq install -y --no-install-recommends $$missing; } >/dev/null 2>&1 \
	    || echo "could not install$$missing; the tests that need it are skipped"; \
	fi

scenes-real: $(STAMP)  ## the scenes seen by the real models on rendered frames, two minutes
	$(BIN)/latchlens simulate --headless --vision real $(REAL_SCENES:%=--scene %)

sweep: $(STAMP)  ## all scenes with 20 seeds at 3, 5 and 10 frames a second: every floor and promise, a quarter of an hour
	$(BIN)/latchlens simulate --sweep --seeds 20 --over rate=3,5,10 --over threshold=own

circle: $(STAMP)  ## watch, label, learn, enforce: three simulated weeks of a fresh device, about seven minutes
	$(BIN)/latchlens circle

picamera-test: $(STAMP)  ## the camera driver over the real picamera2 on a virtual camera; root, a minute (first time: five)
	tests/hardware/picamera/test.sh

aarch64-test: $(STAMP)  ## the wheel in Debian 12 and 13 for a Pi's processor, emulated; root, a minute (first time: four)
	tests/hardware/aarch64/test.sh

vm-test: $(STAMP)  ## the appliance in a virtual machine with real systemd; root, a quarter of an hour (first time: more)
	tests/hardware/vm/test.sh

powercut-test: $(STAMP)  ## cut the power at 150 points while a device keeps things; root, two minutes (first time: six)
	tests/hardware/powercut/test.sh

bench: $(STAMP)  ## speed and size beside what one would use instead, see docs/benchmarks.md; half an hour on an idle machine
	$(BIN)/python -m benchmarks $(BENCH)

soak: $(STAMP)  ## whether memory grows: DAYS=60 simulated days, MINUTES=20 at full speed; three quarters of an hour
	DAYS=$(or $(DAYS),60) MINUTES=$(or $(MINUTES),20) $(BIN)/python -m benchmarks soak --out build/soak

mutants: $(STAMP)  ## change the guard's pure part in every small way and see the tests notice: 441 ways, a quarter of an hour on two busy cores
	rm -rf mutants
	$(BIN)/mutmut run
	@$(BIN)/mutmut results

wheel: $(STAMP)  ## build dist/latchlens-VERSION-py3-none-any.whl
	$(BIN)/python -m hatchling build --target wheel --directory dist

install-test: $(STAMP)  ## as root: install, run and uninstall in a Debian 12 and a Debian 13 root, five minutes at first
	@tests/install-test.sh

TARGET ?= cp311-aarch64
KEY    ?= $(HOME)/.minisign/minisign.key

wheelhouse: wheel  ## what an installation without a network needs, for TARGET=cp311-aarch64 (Bookworm), cp313-aarch64 …
	$(BIN)/python -m device.updating.making "$$(ls -t dist/latchlens-*.whl | head -n 1)" --target $(TARGET)

image-files: wheelhouse  ## dist/image: all that an image, or a card without a network, needs (TARGET=cp313-aarch64)
	rm -rf dist/image && mkdir -p dist/image/dist
	cp -r firmware-config systemd dist/image/
	cp "$$(ls -t dist/latchlens-*.whl | head -n 1)" dist/image/dist/
	cp -r dist/wheelhouse/$(TARGET) dist/image/wheelhouse

release: wheel  ## a signed release for `latchlens update`; KEY= minisign's secret key, BUNDLE= targets whose wheels go in
	$(BIN)/python -m device.updating.making "$$(ls -t dist/latchlens-*.whl | head -n 1)" --key "$(KEY)" $(BUNDLE:%=--bundle %)

screenshots: $(STAMP)  ## pictures of every page for the README, of a simulated door; needs chromium
	$(BIN)/python docs/screenshots.py

models: $(STAMP)  ## verify the shipped models against their cards
	$(BIN)/latchlens models verify

clean:  ## remove the environment and all caches
	rm -rf $(VENV) mutants .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist *.egg-info

$(STAMP): pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON); $(NEEDED)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$$($(PYTHON) --version 2>&1) is too old; $(NEEDED)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv module is missing; on Debian: sudo apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[sim,dev]'
	@touch $@
