"""Lets the workload run in the virtual machine, twice, while QEMU records every write to its disks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.hardware.vm.guest import Guest, read_only_disk

FILES_MB, DISK_MB = 30, 32
AREA = FILES_MB * 1_000_000 // 4096 * 4096
"""Where the file system ends and the marks begin."""
FOLDER = "door"
"""Where on it the workload works."""
DEEDS = 120
RUNS = {"careful": "", "careless": "careless"}


def begin(path: Path) -> None:
    """An empty file system that ends before the disk does."""
    with path.open("wb") as disk:
        disk.truncate(DISK_MB * 1_000_000 // 4096 * 4096)
    make = ["mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", str(path), str(AREA // 4096)]
    subprocess.run(make, check=True)


def recorded_disk(name: str, disk: Path, record: Path) -> list[str]:
    """QEMU's words for a disk whose writes and flushes are all recorded."""
    record.touch()
    return [
        *("-blockdev", f"driver=raw,node-name={name}-disk,file.driver=file,file.filename={disk}"),
        *("-blockdev", f"driver=raw,node-name={name}-record,file.driver=file,file.filename={record}"),
        *("-blockdev", f"driver=blklogwrites,node-name={name},file={name}-disk,log={name}-record"),
        *("-device", f"virtio-blk-pci,drive={name},serial={name}"),
    ]


def main(image: Path, folder: Path, site: Path, program: Path) -> None:
    """Leaves begin.img and the two records in `folder`; `program` holds device/ and tests/."""
    begin(folder / "begin.img")
    extra = [*read_only_disk(site), *read_only_disk(program)]
    for name in RUNS:
        shutil.copy(folder / "begin.img", folder / f"{name}.img")
        extra += recorded_disk(name, folder / f"{name}.img", folder / f"{name}.record")
    with Guest(image, folder, extra) as guest:
        for name, argument in RUNS.items():
            disk = f"/dev/disk/by-id/virtio-{name}"
            guest.run(f"mkdir -p /run/{name} && mount -t ext4 {disk} /run/{name}")
            print(f"{name}: ", end="", flush=True)
            workload = f"/media/program/workload.py /run/{name}/{FOLDER} {disk} {AREA} {DEEDS} {argument}"
            print(guest.run(f"PYTHONPATH=/media/program:/media/site python3 {workload}").output, end="")
            guest.run(f"umount /run/{name}")
        guest.run("sync")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]))
