"""The gallery of a state directory, with the models that belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from device import shipped
from device.config import Project
from device.learn.gallery import Gallery
from device.learn.similarity import Similarity, for_backbone
from device.portraits import Portraitist
from device.see.card import load_card


@dataclass(frozen=True, slots=True)
class Room:
    """A gallery, and what is needed to hang and to find portraits in it."""

    project: Project
    state: Path
    gallery: Gallery
    similarity: Similarity
    version: str
    """Of the model that embeds, as answers give it."""

    @classmethod
    def of(cls, project: Project, state: Path) -> Room:
        """The gallery in the `state` directory, for the backbone of a project.

        Raises:
            ModelError: the backbone is missing, or there is no calibration for it.
        """
        card = load_card(shipped.model_folder(project.section("embedding").model, state))
        similarity = for_backbone(card.sha256)
        return cls(project, state, Gallery(state, similarity), similarity, f"{card.name}/{card.version}")

    def portraitist(self) -> Portraitist:
        """Load the models; raises ModelError if one is missing or damaged."""
        return Portraitist.of(self.project, self.state)
