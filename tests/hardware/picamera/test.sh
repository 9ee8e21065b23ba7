#!/usr/bin/env bash
# Tries device/see/picamera.py over the real picamera2 package, on libcamera's virtual camera: make picamera-test.
# shellcheck disable=SC2016,SC2153
# shellcheck source=tests/hardware/cached.sh
. "$(dirname "$0")/../cached.sh"
# shellcheck source=tests/hardware/workbench.sh
. "$HARDWARE/workbench.sh"
# shellcheck source=tests/hardware/site.sh
. "$HARDWARE/site.sh"

make_picamera() {
  inside "$WORKBENCH" pip install --quiet --target "/mnt/$(basename "$1")/site" picamera2 setuptools
  mkdir -p "$WORKBENCH/usr/share/libcamera/pipeline/virtual"
  inside "$WORKBENCH" gcc -Wall -Wextra -Werror -shared -fPIC -o "/mnt/$(basename "$1")/heap.so" -x c - <"$HARDWARE/picamera/heap.c"
}

site
cached picamera "$HARDWARE/picamera/test.sh" "$HARDWARE/picamera/heap.c"
scratch
wheel "$SCRATCH"
here=/mnt/$(basename "$SCRATCH")
cp "$HARDWARE"/report.py "$HARDWARE"/picamera/*.py "$SCRATCH/"
mkdir "$SCRATCH/virtual"
sed "s/FOLDER/$(basename "$SCRATCH")/" "$HARDWARE/picamera/camera.yaml" >"$SCRATCH/virtual/virtual.yaml"
paths=$here:$here/latchlens:/mnt/$(basename "$SITE")/site:/mnt/$(basename "$PLACE")/site
inside "$WORKBENCH" env PYTHONPATH="$paths" python3 -c \
  'import pathlib, sys, pictures; pictures.write(pathlib.Path(sys.argv[1]))' "$here/pictures"
# libcamera itself is preloaded after the stand-ins, so that these find what they stand before.
library=$(basename "$(find "$WORKBENCH/usr/lib" -name 'libcamera.so.*' | sort | head -n 1)")
inside "$WORKBENCH" sh -c 'mount --bind "$1/virtual" /usr/share/libcamera/pipeline/virtual; shift; exec env "$@"' sh "$here" \
  PYTHONPATH="$paths" LD_PRELOAD="/mnt/$(basename "$PLACE")/heap.so $library" STALLED="$here/stalled" \
  LIBCAMERA_LOG_LEVELS='*:ERROR' timeout 900 python3 "$here/check.py"
