#!/bin/sh
# Installs Latchlens as a service on Raspberry Pi OS or Debian. Run it again to repair or to change versions.
# What it puts where: docs/install.md.
set -eu
umask 022

HOME_DIR=/opt/latchlens
SETTINGS=/etc/latchlens
KEYS=/etc/latchlens-release-keys
STATE=/var/lib/latchlens
UNITS=/etc/systemd/system
here=$(cd "$(dirname "$0")" && pwd)

usage() {
  cat <<'TEXT'
usage: sudo ./firmware-config/install.sh [options]
  --wheel FILE       the wheel to install; by default the newest in dist/, else one is built from this checkout
  --wheelhouse DIR   take what the wheel needs from this folder and download nothing
  --project NAME     the project to begin with, a shipped one's name or a file; one that is there stays (cat-flap)
  --trust FILE       accept updates signed with this minisign public key, too
  --appliance        the log in memory, and the hardware watchdog: the default on a Raspberry Pi
  --no-apt           install no Debian packages
  --no-start         enable the services, but check and start nothing: to make an image
  --dry-run          say what would be done, and do nothing
  --uninstall        stop and remove the program; the settings and what it has learnt stay
  --purge            with --uninstall: remove these, too
TEXT
}

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
misuse() { printf 'install.sh: %s; see --help\n' "$*" >&2; exit 2; }
# Does what it is given, or only says it.
act() { if [ "$dry" ]; then say "  $*"; else "$@"; fi; }

wheel='' wheelhouse='' project=cat-flap trust='' apt=yes start=yes dry='' appliance='' uninstall='' purge=''
while [ $# -gt 0 ]; do
  case $1 in
    --wheel | --wheelhouse | --project | --trust)
      [ $# -ge 2 ] || misuse "$1 needs a value"
      case $1 in
        --wheel) wheel=$2 ;;
        --wheelhouse) wheelhouse=$2 ;;
        --project) project=$2 ;;
        --trust) trust=$2 ;;
      esac
      shift ;;
    --appliance) appliance=yes ;;
    --no-apt) apt='' ;;
    --no-start) start='' ;;
    --dry-run) dry=yes ;;
    --uninstall) uninstall=yes ;;
    --purge) purge=yes ;;
    -h | --help) usage; exit 0 ;;
    *) misuse "there is no option $1" ;;
  esac
  shift
done
[ -z "$purge" ] || [ "$uninstall" ] || misuse "--purge goes with --uninstall"

# What is copied into the system: the file here, and where it goes. Units that belong to a version are links.
system_files() {
  folders='udev/rules.d sysusers.d tmpfiles.d logrotate.d'
  # On a computer that does other things as well, the log and the watchdog are left as they are.
  if [ "$uninstall" ] || [ "$appliance" ]; then folders="$folders systemd/journald.conf.d systemd/system.conf.d"; fi
  for each in $folders; do
    for file in "$here/${each#systemd/}"/*; do
      [ -f "$file" ] && say "$file /etc/$each/${file##*/}"
    done
  done
  say "$here/bin/latchlens /usr/local/bin/latchlens"
}
units() { [ ! -d "$here/../systemd" ] || find "$here/../systemd" -maxdepth 1 -type f \( -name '*.service' -o -name '*.path' \) -printf '%f\n' | sort; }
# This one takes a failed update back; it must not depend on the version that failed.
of_no_version() { [ "$1" = latchlens-return.service ]; }
booted() { [ -d /run/systemd/system ]; }
on_a_pi() { grep -qs 'Raspberry Pi' /proc/device-tree/model || [ -f /etc/rpi-issue ]; }
if on_a_pi; then appliance=yes; fi
boot_folder() {
  for each in /boot /boot/firmware; do if [ -f $each/config.txt ]; then at=$each; fi; done
  say "${at-}"
}

remove() {
  say "removing Latchlens"
  for unit in $(units); do
    if booted; then act systemctl --quiet disable --now "$unit" 2>/dev/null || true; fi
    act rm -f "$UNITS/$unit" "$UNITS/multi-user.target.wants/$unit" "$UNITS/paths.target.wants/$unit"
  done
  system_files | while read -r _ target; do act rm -f "$target"; done
  boot=$(boot_folder)
  if [ "$boot" ] && grep -qs '^include latchlens.txt' "$boot/config.txt"; then
    act sed -i '/^\[all\] *# Latchlens$/d; /^include latchlens.txt$/d' "$boot/config.txt"
    act rm -f "$boot/latchlens.txt"
  fi
  act rm -rf "$HOME_DIR"
  if booted; then act systemctl daemon-reload; fi
  if [ "$purge" ]; then
    act rm -rf "$SETTINGS" "$KEYS" "$STATE" "$STATE-guard"
    for user in latchlens latchlens-guard; do
      if id "$user" >/dev/null 2>&1; then act userdel "$user"; fi
    done
  else
    say "the settings in $SETTINGS and what was learnt in $STATE stay; --purge removes them"
  fi
}

check_machine() {
  for each in install python3 find setpriv; do
    command -v "$each" >/dev/null || fail "there is no $each here; this needs Debian or Raspberry Pi OS"
  done
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    || fail "$(python3 --version) is too old; use Raspberry Pi OS Bookworm or newer"
  if [ "$start" ] && ! booted; then fail "systemd does not run here; give --no-start to prepare an image"; fi
  case $(dpkg --print-architecture 2>/dev/null) in
    armhf | armel) say "this is a 32-bit system: there may be no packages for it; the 64-bit one is recommended" ;;
  esac
  free=$(df -Pm /opt | awk 'NR == 2 {print $4}')
  [ "$free" -ge 700 ] || fail "$free MB are free under /opt and 700 are needed; make room"
}

install_packages() {
  wanted=python3-venv
  command -v systemd-sysusers >/dev/null || wanted="$wanted systemd"
  on_a_pi && wanted="$wanted python3-picamera2"
  missing=$(missing_of "$wanted")
  # Pins: only some systems have it, and only a Pi needs it.
  [ "$(missing_of python3-lgpio)" ] && apt-cache show python3-lgpio >/dev/null 2>&1 && missing="$missing python3-lgpio"
  [ "$missing" ] || return 0
  [ "$apt" ] || { say "not installed, as --no-apt says:$missing"; return 0; }
  say "installing Debian packages:$missing"
  # shellcheck disable=SC2086 # several words
  act env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install -y \
    --no-install-recommends $missing >/dev/null \
    || fail "apt-get could not install$missing; run \`apt-get update\` with a network, or install them yourself"
}
missing_of() {
  for package in $1; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf ' %s' "$package"
  done
}

find_wheel() {
  if [ -z "$wheel" ]; then
    wheel=$(find "$here/../dist" -maxdepth 1 -name 'latchlens-*.whl' -printf '%T@ %p\n' 2>/dev/null \
      | sort -n | tail -n 1 | cut -d' ' -f2-)
  fi
  if [ -z "$wheel" ]; then
    say "building a wheel from this checkout"
    [ "$dry" ] && { wheel=dist/latchlens-VERSION-py3-none-any.whl; return; }
    [ -z "$wheelhouse" ] || fail "building a wheel needs a network; make one elsewhere with \`make wheel\`, give --wheel"
    scratch=$(mktemp -d)
    python3 -m venv "$scratch/venv"
    "$scratch/venv/bin/pip" wheel --quiet --no-deps --wheel-dir "$scratch" "$here/.." \
      || fail "no wheel could be built; is there a network?"
    wheel=$(find "$scratch" -maxdepth 1 -name 'latchlens-*.whl')
  fi
  [ "$dry" ] || [ -f "$wheel" ] || fail "$wheel: there is no such wheel"
  [ -z "$wheelhouse" ] || [ -d "$wheelhouse" ] || fail "$wheelhouse: there is no such folder"
}

# Python's own library runs the builder straight out of the wheel.
build_version() {
  set -- "$HOME_DIR" "$wheel"
  [ -z "$wheelhouse" ] || set -- "$@" --wheelhouse "$wheelhouse"
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && say "${VERSION_CODENAME-}")
  constraints=$here/constraints/$codename.txt
  [ ! -f "$constraints" ] || set -- "$@" --constraints "$constraints"
  if python3 -c 'import lgpio' 2>/dev/null || python3 -c 'import picamera2' 2>/dev/null; then
    set -- "$@" --system-packages
  fi
  say "building the version; this takes minutes"
  if [ "$dry" ]; then say "  device.updating.building $*"; version=VERSION; return; fi
  version=$(PYTHONPATH=$wheel python3 -P -m device.updating.building "$@") || fail "nothing was changed"
}

copy_system_files() {
  say "copying system files"
  system_files | while read -r file target; do
    mode=644
    [ "${target%/*}" = /usr/local/bin ] && mode=755
    act install -D -m "$mode" "$file" "$target"
  done
  act systemd-sysusers
  act install -d -m 750 -o latchlens -g latchlens "$SETTINGS" "$STATE"
  act systemd-tmpfiles --create latchlens.conf || true
  if booted; then
    act udevadm control --reload || true
    act udevadm trigger --subsystem-match=gpio --subsystem-match=dma_heap --subsystem-match=tty || true
    act systemctl try-restart systemd-journald || true
  fi
  act install -d -m 755 "$KEYS"
  for key in "$here"/release-keys/*.pub "$trust"; do
    if [ -f "$key" ]; then act install -m 644 "$key" "$KEYS/"; fi
  done
}

first_project() {
  [ ! -e "$SETTINGS/project.toml" ] || { say "$SETTINGS/project.toml stays as it is"; return; }
  file=$here/projects/$project.toml
  case $project in */* | *.toml) file=$project ;; esac
  act install -m 640 -o latchlens -g latchlens "$file" "$SETTINGS/project.toml"
  if [ "$appliance" ] && ! grep -q '^\[web\]' "$file"; then
    say "letting the page be opened from other machines: [web] host in $SETTINGS/project.toml"
    [ "$dry" ] || printf '\n# Put here by the installer; who is kept out, and how: docs/api.md.\n[web]\nhost = "0.0.0.0"\n' \
      >>"$SETTINGS/project.toml"
  fi
}

configure_boot() {
  boot=$(boot_folder)
  if [ -z "$boot" ] || ! on_a_pi; then return; fi
  act install -m 644 "$here/boot/latchlens.txt" "$boot/latchlens.txt"
  grep -qs '^include latchlens.txt' "$boot/config.txt" && return
  say "adding latchlens.txt to $boot/config.txt; it takes effect at the next start"
  [ "$dry" ] || printf '\n[all] # Latchlens\ninclude latchlens.txt\n' >>"$boot/config.txt"
}

link_units() {
  for unit in $(units); do
    if of_no_version "$unit"; then
      act install -m 644 "$here/../systemd/$unit" "$UNITS/$unit"
    else
      act ln -sfn "$HOME_DIR/current/shipped/systemd/$unit" "$UNITS/$unit"
    fi
  done
}

running() { booted && systemctl --quiet is-active latchlens.service; }

# From here on the version is whole and only exchanged: the bolt rests while no service runs.
switch_version() {
  before=$(readlink "$HOME_DIR/current" 2>/dev/null || true)
  say "switching to $version"
  if booted; then act systemctl stop latchlens.service latchlens-guard.service 2>/dev/null || true; fi
  if [ "$before" ] && [ "$before" != "versions/$version" ]; then
    act ln -sfn "$before" "$HOME_DIR/.new-previous"
    act mv -T "$HOME_DIR/.new-previous" "$HOME_DIR/previous"
  fi
  act rm -f "$HOME_DIR/fallback"
  act ln -sfn "versions/$version" "$HOME_DIR/.new-current"
  act mv -T "$HOME_DIR/.new-current" "$HOME_DIR/current"
  act sync
  if booted; then act systemctl daemon-reload; fi
  for unit in $(units); do
    grep -q '^WantedBy=' "$here/../systemd/$unit" || continue
    wants=$(sed -n 's/^WantedBy=//p' "$here/../systemd/$unit")
    act install -d "$UNITS/$wants.wants"
    act ln -sfn "../$unit" "$UNITS/$wants.wants/$unit"
  done
}

check_and_start() {
  [ "$start" ] || { say "Latchlens is installed and begins with the computer's next start"; return 0; }
  say "checking"
  faults=0
  if [ "$start" ]; then act systemctl start latchlens-guard.service || faults=1; fi # it has the pins, and is asked
  act /usr/local/bin/latchlens check || faults=1
  say "starting"
  act systemctl start latchlens-guard.service latchlens.service latchlens-update.path || faults=1
  if [ -z "$dry" ] && ! running; then
    say "latchlens.service does not run: \`journalctl -u latchlens -n 30\` says why"
    [ ! -e "$HOME_DIR/previous" ] || say "the version from before is there: sudo latchlens update --rollback"
    faults=1
  fi
  [ $faults = 0 ] || fail "Latchlens is installed, but not everything is well: see above"
  say "Latchlens runs. For your first visit to http://$(uname -n).local:8080 get a code: sudo latchlens setup"
}

[ "$dry" ] || [ "$(id -u)" = 0 ] || fail "this needs root: sudo $0"
if [ "$uninstall" ]; then remove; exit 0; fi
case $project in */* | *.toml) [ -f "$project" ] || fail "$project: there is no such project file" ;;
  *) [ -f "$here/projects/$project.toml" ] || fail "there is no shipped project $project; look into $here/projects" ;; esac
[ -z "$trust" ] || [ -f "$trust" ] || fail "$trust: there is no such key"
check_machine
install_packages
find_wheel
build_version
copy_system_files
first_project
configure_boot
link_units
switch_version
check_and_start
