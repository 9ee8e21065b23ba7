#!/usr/bin/env bash
# Cuts the power at 150 points while a device keeps visits, settings, a model and updates: make powercut-test.
# shellcheck disable=SC2016,SC2153
# shellcheck source=tests/hardware/cached.sh
. "$(dirname "$0")/../cached.sh"
# shellcheck source=tests/hardware/workbench.sh
. "$HARDWARE/workbench.sh"
# shellcheck source=tests/hardware/site.sh
. "$HARDWARE/site.sh"
# shellcheck source=tests/hardware/vm/image.sh
. "$HARDWARE/vm/image.sh"

guest
site
scratch
wheel "$SCRATCH"
cp "$HARDWARE/powercut/workload.py" "$SCRATCH/latchlens/"
disk_of program "$SCRATCH/latchlens" "$SCRATCH/program.img"
cd "$CHECKOUT" || exit
.venv/bin/python -m tests.hardware.powercut.record "$GUEST" "$SCRATCH" "$SITE/site.img" "$SCRATCH/program.img"
.venv/bin/python -m tests.hardware.powercut.check "$SCRATCH" "$(.venv/bin/python -c 'from tests.hardware.powercut import record; print(record.AREA)')"
