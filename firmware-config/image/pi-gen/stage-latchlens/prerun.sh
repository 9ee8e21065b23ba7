#!/bin/bash
# pi-gen gives each stage the system that the one before it made.
set -e
if [ ! -d "${ROOTFS_DIR}" ]; then
  copy_previous
fi
