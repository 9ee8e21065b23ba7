# shellcheck shell=bash disable=SC2016,SC2034,SC2153 # as of cached.sh, which sets PLACE
# Sourced: a Debian 13 with compilers, kernel headers and libcamera, entered by chroot; `workbench` sets WORKBENCH.

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
  packages mmdebstrap=mmdebstrap unshare=util-linux
  cached workbench "$HARDWARE/workbench.sh"
  WORKBENCH=$PLACE/root
}
