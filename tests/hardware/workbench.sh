# shellcheck shell=bash disable=SC2016,SC2034,SC2153 # as of cached.sh, which sets PLACE
# Sourced: a Debian 13 with compilers, kernel headers and libcamera, entered by chroot; `workbench` sets WORKBENCH.
# `site` sets SITE: what the wheel needs, for Debian 13's Python, as a wheelhouse and as a folder for PYTHONPATH.

make_workbench() {
  local root=$1/root
  mmdebstrap --mode=root --variant=minbase "${SLIM[@]}" --include="$(paste -sd, - <<'PACKAGES'
ca-certificates
gcc
g++
make
libc6-dev
libcap-dev
kmod
xz-utils
linux-headers-amd64
linux-source
busybox-static
python3-dev
python3-venv
python3-pip
swig
python3-libcamera
libcamera-ipa
PACKAGES
)" trixie "$root" "$(mirror)"
  network "$root"
  # The kernel and v4l2loopback are unpacked, never installed: their scripts would build for the running kernel.
  inside "$root" sh -c 'cd /root && apt-get -q update && apt-get -q download v4l2loopback-dkms \
    "linux-image-$(ls /usr/src | sed -n s/^linux-headers-//p | grep -v common | head -n 1)"'
}

workbench() {
  cached workbench "$HARDWARE/workbench.sh"
  WORKBENCH=$PLACE/root
}

make_site() {
  local place=$1 root=$WORKBENCH/root
  dependencies >"$root/requirements.txt"
  rm -rf "$root/wheelhouse" "$root/site"
  inside "$WORKBENCH" pip wheel --quiet --wheel-dir /root/wheelhouse --requirement /root/requirements.txt
  # lgpio: the index has wheels up to Python 3.12 only, and Debian no package; a Pi's own system has one.
  inside "$WORKBENCH" env PYPI=1 pip wheel --quiet --wheel-dir /root/wheelhouse --no-deps --no-binary lgpio lgpio==0.2.2.0
  inside "$WORKBENCH" sh -c 'pip install --quiet --no-index --find-links /root/wheelhouse --target /root/site /root/wheelhouse/*.whl'
  mv "$root/wheelhouse" "$root/site" "$place/"
}

site() {
  workbench
  cached site "$HARDWARE/workbench.sh" <(dependencies)
  SITE=$PLACE
}
