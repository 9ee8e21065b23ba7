"""What an update needs of the machine that it runs on."""

from __future__ import annotations

from typing import Protocol


class Machine(Protocol):
    """The services of the device, and what they keep; systemd's, or a test's."""

    def wait_for_rest(self) -> None:
        """Return when the bolt rests and nobody is in the door; raises UpdateError if that does not come."""

    def stop(self) -> None:
        """End the services, the bolt at rest."""

    def start(self) -> None:
        """Start the services of the version that is `current`; raises UpdateError if one is not ready."""

    def prove(self) -> None:
        """Let the version that is `current` test itself; raises UpdateError with what it found."""

    def watch(self, seconds: float) -> None:
        """Return after so long; raises UpdateError at once if a service fails meanwhile."""


class Keeper(Protocol):
    """A copy of what only the older version understands, for the day on which it comes back."""

    def keep(self) -> None:
        """Make the copy; the services are stopped."""

    def suit(self, version: str) -> None:
        """Let the project file be one that `version` reads: where it is newer, the one kept from before."""

    def write_up_to_date(self, version: str) -> None:
        """Let `version`, which was found to be well, write the project file in its own form.

        What cannot be written stays as it is, and is read all the same.
        """

    def bring_back(self) -> None:
        """Put the copy in its place, if there is one and the newer version has changed the original."""

    def drop(self) -> None:
        """Delete the copy, if there is one."""
