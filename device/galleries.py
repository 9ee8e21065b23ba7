"""The gallery of a state directory, with the models that belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from device import shipped
from device.config import Project, parse_project
from device.faces import Json, indexed, searched
from device.learn.gallery import Gallery, Portrait
from device.learn.similarity import Similarity, for_backbone
from device.messages import Pixels
from device.portraits import Portraitist
from device.see.card import load_card
from device.see.pictures import decode_picture

MOST_MATCHES = 80


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

    def hang(
        self, look: Portraitist, name: str, animal: str, image: Pixels, most: int = 1, filtered: bool = True
    ) -> Json:
        """Add the animals of a picture to a collection under a name; the answer of IndexFaces.

        Raises:
            DatasetError: there is no such collection, or the name is not allowed.
        """
        portraits = look.animals(image)
        return indexed(self.gallery.index(name, animal, portraits, most, filtered), portraits, self.version)

    def search(self, name: str, portrait: Portrait, threshold: float, most: int) -> Json:
        """Who is like a portrait; the answer of SearchFacesByImage. Raises DatasetError as above."""
        pictures, animals = self.gallery.search(name, portrait, threshold, most)
        return searched(portrait, pictures, animals, self.version)


def hang_aside(
    text: str, title: str, state: Path, name: str, animal: str, picture: bytes, done: object
) -> Json:
    """`Room.hang` for an interpreter aside, which reads the project's `text` again and loads the models."""
    del done
    room = Room.of(parse_project(text, title), state)
    room.gallery.read(name)
    return room.hang(room.portraitist(), name, animal, decode_picture(picture, "the picture"))


def search_aside(
    text: str, title: str, state: Path, name: str, picture: bytes, threshold: float, done: object
) -> Json:
    """`Room.search` for an interpreter aside; raises PictureError if no animal is found."""
    del done
    room = Room.of(parse_project(text, title), state)
    room.gallery.read(name)
    portrait = room.portraitist().only(decode_picture(picture, "the picture"), Path("the picture"))
    return room.search(name, portrait, threshold, MOST_MATCHES)
