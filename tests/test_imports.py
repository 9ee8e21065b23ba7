"""What is loaded when: a command line that answers at once, drivers that load only when they are built."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys

import device

HEAVY = {
    "cv2",
    "fastapi",
    "jinja2",
    "numpy",
    "prometheus_client",
    "pydantic",
    "skimage",
    "sqlite3",
    "uvicorn",
}
HARDWARE = {"ai_edge_litert", "gpiozero", "libcamera", "lgpio", "picamera2", "serial", "tflite_runtime"}


def _loaded_by(code: str) -> set[str]:
    """The top-level packages that a fresh interpreter has loaded after `code`."""
    show = "import json, sys; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\n{show}"], capture_output=True, text=True, check=True
    )
    return set(json.loads(run.stdout))


def test_the_command_line_loads_no_heavy_library_before_a_command_needs_it() -> None:
    assert not _loaded_by("import device.cli") & (HEAVY | HARDWARE)


def test_no_part_loads_a_hardware_library_before_it_is_built() -> None:
    parts = [part.name for part in pkgutil.walk_packages(device.__path__, "device.")]
    parts.remove("device.__main__")
    assert not _loaded_by(f"import {', '.join(parts)}") & HARDWARE


def test_the_guards_process_loads_neither_pictures_nor_the_page() -> None:
    loaded = _loaded_by("import device.guarding")
    assert not loaded & ((HEAVY - {"pydantic"}) | HARDWARE)
    assert not loaded & {"typer", "rich", "asyncio", "ssl", "paho", "yaml"}
