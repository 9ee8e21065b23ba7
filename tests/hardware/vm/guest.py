"""A virtual machine that is started, asked to run commands, and brought back to a saved state."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

KERNEL = (
    "root=/dev/vda console=ttyS0 quiet systemd.show_status=0 mitigations=off audit=0 random.trust_cpu=on "
    "net.ifnames=0 panic=-1 tsc=unstable clocksource=hpet"
)
"""Not the processor's own counter for a clock: an emulated one leaps when a saved state is brought back."""
ACCELERATOR = os.environ.get("LATCHLENS_ACCELERATOR", "tcg,thread=multi")
"""Emulation by default: a /dev/kvm may be there and hang. On a machine of your own set it to kvm."""
PROCESSOR = "Nehalem" if ACCELERATOR.startswith("tcg") else "max"
"""Without AVX, whose emulation makes inference twice as slow: 1.5 s for 2.9 s of the detector."""
MOUNT = """for each in /dev/disk/by-label/disk-*; do
  [ ! -e "$each" ] || { mkdir -p "/media/${each##*/disk-}"; mount -o ro "$each" "/media/${each##*/disk-}"; }
done"""
PATIENCE_S = 600.0
"""Emulated on a busy machine, what takes a second elsewhere may take a minute."""

SOUND = "for each in 0 1; do taskset -c $each sleep 0.2 || exit; done"
"""A line of shell that ends only if the timers of both processors run."""
SOUND_S = 90.0
"""Whoever needs longer for it will need for ever."""
RESTORES = 4
"""A machine is brought back so often before it is given up."""


class GuestError(Exception):
    """The machine, or a command in it, did not do as it should."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command in the guest printed, and its exit status."""

    status: int
    output: str


class Channel:
    """JSON lines over a Unix socket of QEMU's: its monitor, or the agent in the guest."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._heard = b""
        self._count = time.monotonic_ns() % 2**40

    def ask(self, command: str, patience: float = PATIENCE_S, **arguments: Any) -> Any:
        """The answer to `command`; events, and answers from before a restore, are passed over.

        Raises:
            GuestError: it was refused, or none came within `patience` seconds.
        """
        self._count += 1
        message = {"execute": command, "arguments": arguments, "id": self._count}
        self._socket.settimeout(patience)
        self._socket.sendall(json.dumps(message).encode() + b"\n")
        end = time.monotonic() + patience
        while True:
            answer = json.loads(self._line(end, command).lstrip(b"\xff"))
            if answer.get("id") != self._count:
                continue
            if "error" in answer:
                raise GuestError(answer["error"]["desc"])
            return answer["return"]

    def _line(self, end: float, command: str) -> bytes:
        while b"\n" not in self._heard:
            self._socket.settimeout(max(end - time.monotonic(), 0.001))
            try:
                heard = self._socket.recv(65_536)
            except TimeoutError:
                raise GuestError(f"no answer to {command}: the machine stands still") from None
            if not heard:
                raise GuestError("the machine has gone")
            self._heard += heard
        line, _, self._heard = self._heard.partition(b"\n")
        return line

    def forget(self) -> None:
        """Half a line from before a restore begins no line of after it."""
        self._heard = b""

    def close(self) -> None:
        self._socket.close()


class Guest:
    """One machine with two processors and no network card; its disk is a throw-away layer over the image.

    `with Guest(...) as guest` starts it and waits until systemd has started everything.
    """

    def __init__(self, image: Path, folder: Path, extra: Sequence[str] = (), memory_mb: int = 2048) -> None:
        """`image` is what image.sh made, `folder` is for sockets and the layer, `extra` for QEMU."""
        self._folder = folder
        disk = folder / "disk.qcow2"
        layer = [
            "qemu-img",
            "create",
            "-q",
            "-f",
            "qcow2",
            "-F",
            "raw",
            "-b",
            str(image / "root.img"),
            str(disk),
        ]
        subprocess.run(layer, check=True)
        self._command = [
            *("setpriv", "--pdeathsig", "KILL"),  # it must not outlive whoever started it
            *("qemu-system-x86_64", "-M", "q35", "-accel", ACCELERATOR),
            *("-cpu", PROCESSOR, "-smp", "2", "-m", str(memory_mb), "-nodefaults", "-no-user-config"),
            *("-display", "none", "-no-reboot", "-kernel", str(image / "vmlinuz")),
            *("-initrd", str(image / "initrd.zst"), "-append", KERNEL),
            *(
                "-serial",
                f"file:{folder / 'console.log'}",
                "-device",
                "virtio-rng-pci",
                "-device",
                "i6300esb",
            ),
            *("-drive", f"file={disk},if=none,id=root,format=qcow2,cache=unsafe"),
            *("-device", "virtio-blk-pci,drive=root", "-device", "virtio-serial-pci"),
            *("-chardev", f"socket,id=agent,path={folder / 'agent'},server=on,wait=off"),
            *("-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"),
            *("-qmp", f"unix:{folder / 'monitor'},server=on,wait=off", *extra),
        ]

    def __enter__(self) -> Guest:
        log = self._folder / "qemu.log"
        with log.open("wb") as file:
            self._machine = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )
        try:
            self._monitor = self._channel("monitor")
            self._monitor.ask("qmp_capabilities")
            self._agent = self._channel("agent")
            self._agent.ask("guest-ping")
        except OSError as error:
            self._machine.kill()
            said = f"exit status {self._machine.wait()}: {log.read_text()}"
            raise GuestError(f"the machine does not start ({error}); QEMU ended with {said}") from None
        self.run("systemctl is-system-running --wait", check=False)
        self.run(MOUNT)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(GuestError, OSError):
            self._monitor.ask("quit")  # closes its disks, and the records of what was written to them
        with suppress(subprocess.TimeoutExpired):
            self._machine.wait(30)
        self._machine.kill()
        self._machine.wait()
        self._agent.close()
        self._monitor.close()

    def run(self, command: str, timeout: float = PATIENCE_S, check: bool = True) -> Answer:
        """Run a line of shell as root in the guest.

        Raises:
            GuestError: it failed, if `check`; or it took longer than `timeout` seconds.
        """
        arguments = {"path": "/bin/sh", "arg": ["-c", f"exec 2>&1\n{command}"], "capture-output": True}
        pid = self._agent.ask("guest-exec", timeout, **arguments)["pid"]
        end, pause = time.monotonic() + timeout, 0.02
        while not (status := self._agent.ask("guest-exec-status", timeout, pid=pid))["exited"]:
            if time.monotonic() > end:
                self._agent.ask("guest-exec", path="/bin/kill", arg=["-9", str(pid)])
                raise GuestError(f"not done within {timeout:.0f} s: {command}")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)
        output = base64.b64decode(status.get("out-data", "")).decode(errors="replace")
        answer = Answer(status.get("exitcode", 128 + status.get("signal", 0)), output)
        if check and answer.status:
            raise GuestError(f"{command}\nfailed with {answer.status}: {answer.output[-2000:]}")
        return answer

    def save(self, name: str) -> None:
        """Keep memory and disk as they are now, under `name`."""
        self._say(f"savevm {name}")

    def restore(self, name: str) -> None:
        """Go back to what was kept under `name`, in a second or two.

        The agent's socket stays open: in the guest, closing it would end the agent, and what it runs. Now and
        then an emulated processor loses its timer when it is brought back, and whatever sleeps on it sleeps
        for ever; such a machine is brought back once more.
        """
        for _ in range(RESTORES):
            self._say(f"loadvm {name}")
            self._agent.forget()
            with suppress(GuestError, OSError, ValueError):
                self._agent.ask("guest-ping", SOUND_S)
                self.run(SOUND, SOUND_S)
                return
        raise GuestError(f"the machine stands still each time it is brought back to {name}")

    def _channel(self, name: str) -> Channel:
        """A socket of QEMU's, as soon as it listens; OSError if it has ended."""
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                return Channel(self._folder / name)
            except OSError:
                if self._machine.poll() is not None or time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def _say(self, line: str) -> None:
        if told := self._monitor.ask("human-monitor-command", **{"command-line": line}):
            raise GuestError(f"{line}: {told}")


def read_only_disk(image: Path) -> list[str]:
    """QEMU's words for a disk that `disk_of NAME` made; the guest finds its files in /media/NAME."""
    name = image.stem
    drive = f"file={image},if=none,id={name},format=raw,readonly=on"
    return ["-drive", drive, "-device", f"virtio-blk-pci,drive={name}"]
