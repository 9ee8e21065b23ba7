#!/bin/sh
# `make install-test`, as root: installs the wheel into a real Debian 12 and a real Debian 13, each in a folder of its
# own, without a network, twice, runs what was installed, and takes it away again. The roots are kept in build/roots.
# What needs a running systemd is shown by `make vm-test`.
set -eu
cd "$(dirname "$0")/.."
roots=$PWD/build/roots
[ "$(id -u)" = 0 ] || { echo "this needs root: sudo make install-test" >&2; exit 1; }
for each in mmdebstrap unshare; do
  command -v $each >/dev/null || { echo "there is no $each; sudo apt install mmdebstrap util-linux" >&2; exit 1; }
done

# Prints its name, does it, and is silent unless it fails.
step() {
  printf '%-9s %s\n' "$codename" "$1"
  shift
  "$@" >"$log" 2>&1 || { tail -n 30 "$log" >&2; exit 1; }
}
inside() {
  # shellcheck disable=SC2016 # the inner shell expands its own
  unshare --mount --pid --fork --net env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin sh -eu -c '
    mount --make-rprivate /
    mount --bind /dev "$0/dev"
    mount -t proc proc "$0/proc"
    exec chroot "$0" sh -eu -c "$1"' "$root" "$1"
}
make_root() {
  [ -e "$base/etc/os-release" ] && return
  mkdir -p "$roots"
  rm -rf "$base.new"
  mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,systemd,udev \
    --aptopt='Apt::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' "$codename" "$base.new"
  mv "$base.new" "$base"
}
fresh_root() {
  rm -rf "$root"
  cp -a "$base" "$root"
  mkdir -p "$root/src/dist"
  cp -r firmware-config systemd "$root/src/"
  cp "$wheel" "$root/src/dist/"
  ln "dist/wheelhouse/$target" -d "$root/src/wheelhouse" 2>/dev/null || cp -r "dist/wheelhouse/$target" "$root/src/wheelhouse"
}

machine=$(uname -m)
for pair in ${ROOTS:-bookworm:cp311 trixie:cp313}; do
  codename=${pair%:*} target=${pair#*:}-$machine
  base=$roots/$codename root=$roots/$codename-used log=$roots/$codename.log
  mkdir -p "$roots"
  step "a Debian root" make_root
  step "the wheel and what it needs" make --no-print-directory wheelhouse "TARGET=$target"
  wheel=$(find dist -maxdepth 1 -name 'latchlens-*.whl' -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2-)
  step "is copied there" fresh_root
  install='sh /src/firmware-config/install.sh --no-apt --no-start --wheelhouse /src/wheelhouse'
  step "nothing is changed when a package is missing" inside "
    mv /src/wheelhouse /src/elsewhere; mkdir /src/wheelhouse
    if $install; then exit 1; fi
    test ! -e /opt/latchlens/current
    test -z \"\$(ls -A /opt/latchlens/versions)\"
    test ! -e /etc/latchlens
    rmdir /src/wheelhouse; mv /src/elsewhere /src/wheelhouse"
  step "installs" inside "$install"
  step "runs as the service's user" inside "
    test \"\$(latchlens --version)\" = 'latchlens $(basename "$wheel" | cut -d- -f2)'
    latchlens models verify
    latchlens check | grep -q '^ok  *models'
    test \"\$(stat -c %U /var/lib/latchlens)\" = latchlens
    test ! -w /opt/latchlens || test \"\$(stat -c %U /opt/latchlens)\" = root
    latchlens update --status | grep -q '^runs: *[0-9]'
    latchlens-guard --help 2>/dev/null || /opt/latchlens/current/bin/latchlens-guard --help"
  step "systemd understands it" inside "
    systemd-sysusers --dry-run /etc/sysusers.d/latchlens.conf
    systemd-tmpfiles --create --prefix=/etc/latchlens /etc/tmpfiles.d/latchlens.conf
    if udevadm verify --help >/dev/null 2>&1; then udevadm verify /etc/udev/rules.d/60-latchlens.rules; fi
    ls -l /etc/systemd/system
    for unit in latchlens latchlens-guard latchlens-return; do systemctl is-enabled \$unit.service; done
    systemd-analyze verify --recursive-errors=no --man=no \$(ls /etc/systemd/system/latchlens*.service | grep -v return)"
  step "a second time changes nothing" inside "
    before=\$(readlink /opt/latchlens/current); echo '# mine' >> /etc/latchlens/project.toml
    $install
    test \"\$(readlink /opt/latchlens/current)\" = \"\$before\"
    test \"\$(ls /opt/latchlens/versions | wc -l)\" = 1
    test ! -e /opt/latchlens/previous
    tail -n 1 /etc/latchlens/project.toml | grep -q mine"
  step "uninstalls and keeps what the owner made" inside "
    sh /src/firmware-config/install.sh --uninstall
    test ! -e /opt/latchlens; test -e /etc/latchlens/project.toml
    test -z \"\$(find /etc/systemd /etc/udev /usr/local -name '*latchlens*')\"
    sh /src/firmware-config/install.sh --uninstall --purge
    test ! -e /etc/latchlens; ! id latchlens"
  rm -rf "$root"
done
echo "installed and uninstalled: ${ROOTS:-bookworm and trixie}"
