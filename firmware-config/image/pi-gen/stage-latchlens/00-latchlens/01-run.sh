#!/bin/bash
# Installs Latchlens into the image, from the files that `make image-files` collected, without a network.
set -e
cp -r "${LATCHLENS}/dist/image" "${ROOTFS_DIR}/tmp/latchlens"
on_chroot <<'IN_THE_IMAGE'
sh /tmp/latchlens/firmware-config/install.sh --wheelhouse /tmp/latchlens/wheelhouse --no-apt --no-start
rm -r /tmp/latchlens
IN_THE_IMAGE
