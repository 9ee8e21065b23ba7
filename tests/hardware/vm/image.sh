# shellcheck shell=bash disable=SC2034,SC2153 # as of cached.sh, which sets PLACE
# Sourced: a virtual machine with Debian 13, its real kernel and systemd, pins and a camera; `guest` sets GUEST.
#
# gpio-sim gives a real /dev/gpiochip whose outputs are read and whose inputs are driven from outside; no Debian
# kernel has it, so it is built from Debian's own source. v4l2loopback is a camera that is fed with pictures.

make_guest() {
  local place=$1 root=$1/root kernel unpacked
  kernel=$(basename "$(find "$WORKBENCH/usr/src" -maxdepth 1 -name 'linux-headers-*-amd64')" | sed s/^linux-headers-//)
  unpacked=$place/kernel
  dpkg-deb -x "$(ls "$WORKBENCH"/root/linux-image-*.deb)" "$unpacked"
  ln -s usr/lib "$unpacked/lib"
  depmod -b "$unpacked" "$kernel"
  build_modules "$kernel" "$place/modules"
  mmdebstrap --mode=root --variant=minbase "${SLIM[@]}" --include="$(paste -sd, - <<'PACKAGES'
systemd
systemd-sysv
udev
dbus
kmod
procps
python3
python3-venv
qemu-guest-agent
PACKAGES
)" trixie "$root" "$(mirror)"
  install_modules "$kernel" "$unpacked" "$place/modules" "$root"
  furnish "$root"
  root_image "$root" "$place/root.img"
  make_initrd "$kernel" "$unpacked" "$place"
  cp "$unpacked/boot/vmlinuz-$kernel" "$place/vmlinuz"
  rm -rf "$unpacked" "$place/modules" "$place/initrd"
}

# root_image ROOT FILE: a disk to boot from.
root_image() {
  truncate -s 3G "$2"
  mke2fs -q -F -t ext4 -d "$1" "$2"
}

# build_modules KERNEL FOLDER
build_modules() {
  local kernel=$1 folder=$2 source archive
  archive=$(find "$WORKBENCH/usr/src" -name 'linux-source-*.tar.xz')
  source=$(basename "$archive" .tar.xz)
  rm -rf "$WORKBENCH/root/modules"
  mkdir -p "$folder" "$WORKBENCH/root/modules/gpio"
  xz -dc -T0 "$archive" | tar -x -C "$folder" "$source/drivers/gpio/gpio-sim.c" "$source/kernel/irq/irq_sim.c"
  cp "$folder/$source/drivers/gpio/gpio-sim.c" "$WORKBENCH/root/modules/gpio/gpio-sim-core.c"
  # irq_to_desc is not exported to modules; the descriptor's data lead to it as well.
  sed 's/irq_to_desc(irqnum)/irq_data_to_desc(irq_get_irq_data(irqnum))/' "$folder/$source/kernel/irq/irq_sim.c" \
    >"$WORKBENCH/root/modules/gpio/irq_sim.c"
  printf 'obj-m += gpio-sim.o\ngpio-sim-y := gpio-sim-core.o irq_sim.o\n' >"$WORKBENCH/root/modules/gpio/Kbuild"
  dpkg-deb -x "$(ls "$WORKBENCH"/root/v4l2loopback-dkms_*.deb)" "$folder/camera"
  cp -r "$folder"/camera/usr/src/v4l2loopback-* "$WORKBENCH/root/modules/camera"
  printf 'obj-m += v4l2loopback.o\n' >"$WORKBENCH/root/modules/camera/Kbuild"
  for each in gpio camera; do
    inside "$WORKBENCH" make -s -j2 -C "/usr/src/linux-headers-$kernel" "M=/root/modules/$each" modules
  done
  for each in gpio/gpio-sim camera/v4l2loopback; do
    strip --strip-debug -o "$folder/$(basename "$each").ko" "$WORKBENCH/root/modules/$each.ko"
  done
}

# files_of KERNEL UNPACKED MODULE...: the files of the modules and of what they need, in the order of loading.
files_of() {
  local kernel=$1 unpacked=$2 each
  for each in "${@:3}"; do
    modprobe -d "$unpacked" -S "$kernel" --show-depends "$each" | awk '/^insmod/ {print $2}'
  done | awk '!seen[$0]++'
}

# install_modules KERNEL UNPACKED BUILT ROOT
install_modules() {
  local kernel=$1 unpacked=$2 built=$3 there=$4/usr/lib/modules/$1 file
  mkdir -p "$there/extra"
  files_of "$kernel" "$unpacked" virtio_blk ext4 virtio_console virtio_rng i6300esb softdog configfs autofs4 \
    videobuf2-v4l2 videobuf2-vmalloc loop unix_diag | while read -r file; do
    install -D -m644 "$file" "$there/${file##*/modules/"$kernel"/}"
  done
  cp "$built"/*.ko "$there/extra/"
  cp "$unpacked/usr/lib/modules/$kernel"/modules.{builtin,order,builtin.modinfo} "$there/"
  depmod -b "$4" "$kernel"
}

# furnish ROOT: what a Raspberry Pi's system would have, and nothing that slows the start of an emulated one.
furnish() {
  local root=$1
  printf '/dev/vda / ext4 defaults 0 1\n' >"$root/etc/fstab"
  echo flap >"$root/etc/hostname"
  printf 'gpio-sim\nv4l2loopback\nvirtio_console\ni6300esb\n' >"$root/etc/modules-load.d/hardware.conf"
  echo 'options v4l2loopback video_nr=40 exclusive_caps=1 card_label=door' >"$root/etc/modprobe.d/hardware.conf"
  # A Raspberry Pi's own system gives its header to the group gpio; Debian does not know that group.
  chroot "$root" groupadd --system --force gpio
  chroot "$root" groupadd --system --force spi
  echo 'SUBSYSTEM=="gpio", KERNEL=="gpiochip*", GROUP="gpio", MODE="0660"' >"$root/etc/udev/rules.d/60-gpio.rules"
  chroot "$root" passwd --delete root >/dev/null
  chroot "$root" systemctl -q mask ldconfig.service systemd-journal-catalog-update.service systemd-hwdb-update.service \
    systemd-update-done.service systemd-firstboot.service systemd-pcrphase.service modprobe@drm.service \
    modprobe@efi_pstore.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
    e2scrub_reap.service getty.target serial-getty@ttyS0.service systemd-random-seed.service systemd-binfmt.service \
    proc-sys-fs-binfmt_misc.automount 2>/dev/null || true
  chroot "$root" systemctl -q enable qemu-guest-agent.service 2>/dev/null || true
  touch "$root/etc/.updated" "$root/var/.updated"
}

# make_initrd KERNEL UNPACKED PLACE: busybox and what it takes to mount the disk.
make_initrd() {
  local kernel=$1 unpacked=$2 initrd=$3/initrd number=10 file
  mkdir -p "$initrd"/{bin,dev,new,modules}
  cp "$WORKBENCH/usr/bin/busybox" "$initrd/bin/"
  files_of "$kernel" "$unpacked" virtio_pci virtio_blk ext4 | while read -r file; do
    xz -dc "$file" >"$initrd/modules/$number-$(basename "$file" .xz)"
    number=$((number + 1))
  done
  cat >"$initrd/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs devices /dev
for module in /modules/*.ko; do /bin/busybox insmod $module; done
tries=0
while [ ! -b /dev/vda ] && [ $tries -lt 500 ]; do /bin/busybox usleep 20000; tries=$((tries + 1)); done
/bin/busybox mount -t ext4 /dev/vda /new || exec /bin/busybox sh
/bin/busybox mount -o move /dev /new/dev
exec /bin/busybox switch_root /new /sbin/init
INIT
  chmod +x "$initrd/init"
  (cd "$initrd" && find . | cpio -o -H newc --quiet | zstd -q -f -o ../initrd.zst)
}

guest() {
  packages mmdebstrap=mmdebstrap qemu-system-x86_64=qemu-system-x86 qemu-img=qemu-utils mke2fs=e2fsprogs cpio=cpio \
    zstd=zstd modprobe=kmod xz=xz-utils strip=binutils debugfs=e2fsprogs
  workbench
  cached guest "$HARDWARE/workbench.sh" "$HARDWARE/vm/image.sh"
  GUEST=$PLACE
}
