"""While nothing is enforced the bolt stays as the owner chose; afterwards, and when in doubt, it obeys."""

from dataclasses import dataclass, field, replace

import pytest

from device.act.unenforced import LeftOpen
from device.messages import Inputs, Lease, Mode, Settings


@dataclass
class Recorder:
    words: list = field(default_factory=list)

    def hold(self, lease):
        self.words.append(lease)

    def inputs(self):
        return Inputs(7.0)


@dataclass
class Now:
    time: float = 100.0

    def now(self):
        return self.time

    def wall(self):
        return None


@dataclass
class Chosen:
    settings: Settings

    def current(self):
        return self.settings


LEASE = Lease(99.0, 5.0, "own cat")


@pytest.mark.parametrize("decided", [None, LEASE])
def test_while_nothing_is_enforced_each_word_keeps_the_bolt_open(decided):
    bolt = Recorder()
    LeftOpen(bolt, Chosen(Settings(enforce=False)), Now()).hold(decided)
    (word,) = bolt.words
    assert (word.time, word.seconds) == (100.0, 5.0)


@pytest.mark.parametrize("decided", [None, LEASE])
@pytest.mark.parametrize("settings", [Settings(enforce=True), Settings(lost=True), Settings(Mode.LOCKED)])
def test_enforced_lost_or_locked_settings_hand_on_what_was_decided(decided, settings):
    bolt = Recorder()
    LeftOpen(bolt, Chosen(settings), Now()).hold(decided)
    assert bolt.words == [decided]


def test_turning_enforcement_on_takes_effect_with_the_next_word():
    bolt, chosen = Recorder(), Chosen(Settings(enforce=False))
    left_open = LeftOpen(bolt, chosen, Now())
    left_open.hold(None)
    chosen.settings = replace(chosen.settings, enforce=True)
    left_open.hold(None)
    assert bolt.words[0] is not None
    assert bolt.words[1] is None


def test_the_inputs_are_those_of_the_guard():
    assert LeftOpen(Recorder(), Chosen(Settings()), Now()).inputs() == Inputs(7.0)
