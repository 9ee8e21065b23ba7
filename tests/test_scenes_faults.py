"""Every fault of the table is reachable in the simulator, and its scene goes as its file says."""

from __future__ import annotations

from typing import get_args, get_type_hints

import pytest

from device.messages import Fault
from simulator.faults import CameraFault, DeviceFault, NetworkFault
from simulator.performance import play_scene
from simulator.scene import find_scene, read_scene
from tests.faults_table import SCENES

OF_FAULTS = ("s17", "s17b", "s17c", "s18", "s18b", "s19", "s19b", "s19c", "s19d")


@pytest.mark.parametrize("name", OF_FAULTS)
def test_a_scene_of_a_fault_goes_as_it_must(name, tmp_path):
    result = play_scene(read_scene(find_scene(name)), tmp_path / "state", seed=1, rate=5.0)
    assert [each for each in result.outcomes if not each.met] == []


def test_every_fault_of_the_table_has_a_scene_and_every_fault_of_a_scene_a_use():
    assert set(SCENES) == set(Fault)
    played = [read_scene(find_scene(name)) for names in SCENES.values() for name in names.split(", ")]
    used = {
        each.what
        for scene in played
        for faults in (scene.faults, scene.device_faults, scene.network_faults)
        for each in faults
    }
    known = {
        what
        for kind in (CameraFault, DeviceFault, NetworkFault)
        for what in get_args(get_type_hints(kind)["what"])
    }
    assert known - used <= {"exceptions", "hang", "killed", "slow"}, "those end or starve the process"
