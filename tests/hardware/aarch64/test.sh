#!/usr/bin/env bash
# Tries the wheel and what it needs in Debian 12 and 13 for aarch64, a Raspberry Pi's processor: make aarch64-test.
#
# No arm64 code runs while the systems are made: apt resolves and downloads, dpkg-deb unpacks. Then qemu runs Python
# within each by chroot. That proves that the wheels load and give the same answers, and nothing about speed.
# shellcheck disable=SC2016,SC2153
# shellcheck source=tests/hardware/cached.sh
. "$(dirname "$0")/../cached.sh"

# make_arm SUITE PYTHON PLACE: a root with Python, and a folder of what the wheel needs.
make_arm() {
  local suite=$1 python=$2 place=$3 apt=$3/apt root=$3/root options platforms=()
  mkdir -p "$apt"/{lists/partial,cache/archives/partial,etc/preferences.d,etc/apt.conf.d} "$root"
  touch "$apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(mirror) $suite main" >"$apt/etc/sources.list"
  options=(-qq -o "Dir::Etc=$apt/etc" -o "Dir::Etc::sourceparts=-" -o "Dir::State::lists=$apt/lists"
    -o "Dir::Cache=$apt/cache" -o "Dir::State::status=$apt/status" -o APT::Architecture=arm64
    -o APT::Architectures=arm64 -o Debug::NoLocking=1 -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update
  apt-get "${options[@]}" install -y --download-only --no-install-recommends python3 libstdc++6
  mkdir -p "$root"/{proc,sys,dev,mnt,tmp,usr/bin,usr/sbin,usr/lib}
  for each in bin sbin lib; do ln -s "usr/$each" "$root/$each"; done
  for each in "$apt"/cache/archives/*.deb; do dpkg-deb --fsys-tarfile "$each" | tar -x -C "$root" --keep-directory-symlink; done
  rm -rf "$apt"
  # Bookworm has glibc 2.36, the older of the two.
  for each in 17 26 27 28 31 34 35 36; do platforms+=(--platform "manylinux_2_${each}_aarch64"); done
  dependencies >"$place/requirements.txt"
  # pip reads markers such as python_version for its own interpreter: what it left out for that, the import tells.
  "$CHECKOUT/.venv/bin/python" -m pip install --quiet --target "$place/site" --only-binary=:all: --implementation cp \
    --python-version "$python" --abi "cp${python/./}" --abi abi3 --abi none --platform manylinux2014_aarch64 "${platforms[@]}" \
    --constraint "$(constraints "$suite")" --requirement "$place/requirements.txt"
}

make_bookworm() { make_arm bookworm 3.11 "$1"; }
make_trixie() { make_arm trixie 3.13 "$1"; }

# The versions that install.sh takes on that system.
constraints() { echo "$CHECKOUT/firmware-config/constraints/$1.txt"; }

packages qemu-aarch64-static=qemu-user-static unshare=util-linux
scratch
wheel "$SCRATCH"
cp "$HARDWARE/aarch64/check.py" "$SCRATCH/"
"$CHECKOUT/.venv/bin/python" -c 'import cv2, skimage.data, sys; cv2.imwrite(sys.argv[1], skimage.data.chelsea()[:, :, ::-1])' "$SCRATCH/cat.png"
(cd "$SCRATCH" && PYTHONPATH=$SCRATCH/latchlens "$CHECKOUT/.venv/bin/python" check.py cat.png >here.json)
answers=()
for suite in bookworm trixie; do
  cached $suite "$HARDWARE/aarch64/test.sh" "$(constraints $suite)" <(dependencies)
  cp "$(command -v qemu-aarch64-static)" "$PLACE/root/qemu"
  here=/mnt/$(basename "$SCRATCH")
  paths=$here/latchlens:/mnt/$(basename "$PLACE")/site
  # LiteRT asks /proc and /sys which processor this is, and takes what they say of the host for the guest.
  inside_bare "$PLACE/root" /qemu -cpu cortex-a72 -E "PYTHONPATH=$paths" /usr/bin/python3 "$here/check.py" "$here/cat.png" >"$SCRATCH/$suite.json" || true
  answers+=("$SCRATCH/$suite.json")
done
cd "$CHECKOUT"
.venv/bin/python -m tests.hardware.aarch64.compare "$SCRATCH/here.json" "${answers[@]}"
