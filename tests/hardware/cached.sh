# shellcheck shell=bash disable=SC2016,SC2034 # what is in single quotes is for another shell; others use what is set
# Sourced by the longer checks beside it: where what they make is kept, and the wheel that they try.

set -euo pipefail
CHECKOUT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
HARDWARE=$CHECKOUT/tests/hardware
CACHE=${LATCHLENS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/latchlens}
SLIM=(
  --aptopt='Apt::Install-Recommends "false"'
  --dpkgopt='path-exclude=/usr/share/doc/*'
  --dpkgopt='path-exclude=/usr/share/man/*'
  --dpkgopt='path-exclude=/usr/share/locale/*'
)

say() { printf '%s: %s\n' "$(basename "$(dirname "$0")")" "$*" >&2; }

# packages PROGRAM=PACKAGE...: installs what is missing, or says what to install.
packages() {
  local each missing=()
  [ "$(id -u)" = 0 ] || { say "needs root: it unpacks Debian systems and enters them"; exit 2; }
  for each; do command -v "${each%%=*}" >/dev/null || missing+=("${each##*=}"); done
  [ ${#missing[@]} = 0 ] && return
  say "installing ${missing[*]}"
  apt-get -qq update
  apt-get -qq -o DPkg::Lock::Timeout=900 install -y --no-install-recommends "${missing[@]}" >/dev/null
}

# Debian's archive: the one that apt uses on this machine.
mirror() {
  local found
  found=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -m1 '/debian/$' || true)
  echo "${DEBIAN_MIRROR:-${found:-http://deb.debian.org/debian}}"
}

# What pip would install with the wheel and the chip reader's extra, a line each.
dependencies() {
  sed -n -e '/^dependencies = \[/,/^]/s/^ *"\(.*\)",$/\1/p' -e 's/^chip = \["\(.*\)"\]$/\1/p' "$CHECKOUT/pyproject.toml"
}

# cached NAME FILE...: sets PLACE to the folder that `make_NAME FOLDER` has filled, once for each content of FILEs.
cached() {
  local name=$1 key status
  key=$(cat "${@:2}" | sha256sum | cut -c1-12)
  PLACE=$CACHE/$name-$key
  mkdir -p "$CACHE"
  exec 9>"$CACHE/$name.lock"
  flock 9
  if [ ! -e "$PLACE/complete" ]; then
    say "making $PLACE; the next run finds it there"
    rm -rf "${CACHE:?}/$name"-????????????
    mkdir -p "$PLACE"
    set +e  # which `|| ...` behind the next line would switch off within it
    (set -e; "make_$name" "$PLACE") >"$CACHE/$name.log" 2>&1 9>&-
    status=$?
    set -e
    [ $status = 0 ] || { tail -n 30 "$CACHE/$name.log" >&2; say "see $CACHE/$name.log"; exit 1; }
    touch "$PLACE/complete"
  fi
  exec 9>&-
}

# inside ROOT COMMAND...: runs it in that Debian system, where the cache is /mnt. It sees nothing of this process's
# environment, and its mounts end with it.
inside() {
  local kernel='for each in proc sys dev; do mount --rbind "/$each" "$1/$each"; done'
  CACHE=$CACHE unshare --mount sh -c "$kernel; $ENTER" sh "$@"
}

# inside_bare ROOT COMMAND...: the same without /proc, /sys and /dev, which tell of this machine's processor.
inside_bare() { CACHE=$CACHE unshare --mount sh -c "$ENTER" sh "$@"; }

ENTER='root=$1; shift; mount --bind "$CACHE" "$root/mnt"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 chroot "$root" "$@"'

# network ROOT: lets pip within it reach the package index as this machine does.
network() {
  cp -L /etc/resolv.conf "$1/etc/resolv.conf"
  mkdir -p "$1/etc/ssl/certs"
  cp -L /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
}

# scratch: sets SCRATCH to an empty folder in the cache that goes with this process.
scratch() {
  SCRATCH=$(mktemp -d "$CACHE/run.XXXXXX")
  trap 'rm -rf "$SCRATCH"' EXIT
}

# wheel FOLDER: builds this checkout's wheel into the folder, sets WHEEL, and unpacks it into FOLDER/latchlens.
wheel() {
  (cd "$CHECKOUT" && .venv/bin/python -m hatchling build --target wheel --directory "$1") >"$1/build.log" 2>&1 \
    || { cat "$1/build.log" >&2; exit 1; }
  WHEEL=$(ls "$1"/latchlens-*.whl)
  "$CHECKOUT/.venv/bin/python" -m zipfile -e "$WHEEL" "$1/latchlens"
}

# disk_of NAME FOLDER FILE: makes FILE a disk of what is in the folder, for vm/guest.py's read_only_disk.
disk_of() { mke2fs -q -F -t ext4 -O ^has_journal -m 0 -L "disk-$1" -d "$2" "$3" "$(($(du -sm "$2" | cut -f1) * 5 / 4 + 32))M" >/dev/null; }
