#!/usr/bin/env bash
# Installs the appliance in a virtual Debian 13 with real systemd and kills, starves and updates it: make vm-test.
# Arguments are words of the checks to make; without any all are made.
# shellcheck disable=SC2016,SC2153
# shellcheck source=tests/hardware/cached.sh
. "$(dirname "$0")/../cached.sh"
# shellcheck source=tests/hardware/workbench.sh
. "$HARDWARE/workbench.sh"
# shellcheck source=tests/hardware/site.sh
. "$HARDWARE/site.sh"
# shellcheck source=tests/hardware/vm/image.sh
. "$HARDWARE/vm/image.sh"

make_frames() { .venv/bin/python -m tests.hardware.vm.frames "$1" "$1/heads"; }

guest
site
scratch
cd "$CHECKOUT" || exit
wheel "$SCRATCH"
program=$SCRATCH/program root=$SCRATCH/root image=$SCRATCH/image
mkdir -p "$program"/{checkout,frames} "$image" "$SCRATCH/release"
cached frames tests/hardware/vm/frames.py simulator/render.py simulator/cat.py simulator/lessons.py models/*/*/card.toml
cp "$PLACE"/*.yuyv "$program/frames/"
cp -r firmware-config systemd "$program/checkout/"
cp -r "$WHEEL" "$HARDWARE/vm/inside" "$HARDWARE/vm/project.toml" "$program/"
.venv/bin/python -m tests.hardware.vm.release "$SCRATCH/release" "$SITE/wheelhouse" "$program"

# pip would take a quarter of an hour in an emulated machine. So the installer runs here first, as it does for the image
# of a card (--no-start), and the version that the update brings is built here; in the machine both run again.
cp -a "$GUEST/root" "$root"
cp -r "$SITE"/site/{lgpio*,_lgpio*} "$root/usr/lib/python3/dist-packages/"
here=/mnt/$(basename "$SCRATCH")
in_root() { inside "$root" sh -c "cd $here/program && $1" >>"$SCRATCH/install.log" 2>&1 || { cat "$SCRATCH/install.log" >&2; exit 1; }; }
in_root "./checkout/firmware-config/install.sh --no-apt --no-start --wheelhouse /mnt/$(basename "$SITE")/wheelhouse \
  --wheel latchlens-*.whl --project project.toml --trust maker.pub"
in_root "wheel=\$(ls $here/release/latchlens-*.whl) && PYTHONPATH=\$wheel python3 -P -m device.updating.building \
  /opt/latchlens \$wheel --wheelhouse /mnt/$(basename "$SITE")/wheelhouse --system-packages"
cp -r "$PLACE"/heads/*/models "$root/var/lib/latchlens/models"
in_root 'chown -R latchlens: /var/lib/latchlens/models'
# Nothing starts before the machine has its pins; the installer in it links the services again.
rm "$root"/etc/systemd/system/multi-user.target.wants/latchlens*
root_image "$root" "$image/root.img"
ln -s "$GUEST"/{vmlinuz,initrd.zst} "$image/"
disk_of program "$program" "$SCRATCH/program.img"
.venv/bin/python -m tests.hardware.vm.checks "$image" "$SCRATCH" "$SCRATCH/program.img" "$@"
