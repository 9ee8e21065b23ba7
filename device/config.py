"""One project file in TOML, read into frozen settings; whatever is not understood is an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from device.act.guard import GuardSettings
from device.act.pins import PinSettings
from device.decide.faults import FaultSettings
from device.decide.household import Animal, IdentitySettings, ViewSettings
from device.decide.policy import PolicySettings
from device.decide.rules import parse_rules
from device.decide.schedule import Window
from device.decide.subject import EvidenceSettings
from device.decide.visits import VisitSettings
from device.decide.welfare import WelfareSettings
from device.errors import ConfigError, hint
from device.learn import collect
from device.migrations import KEY, migrated, version_of
from device.parts import Part, read_part, read_settings
from device.see import embedding, motion, regions, sight, tracker
from device.tell import clips, mqtt_settings, webhook
from device.toml import read_toml
from device.wiring import Wiring, each_of, nth, read_wiring, refuse_shared_names, table_of


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """`[door]`: what holds for the door as a whole."""

    timezone: str = "UTC"
    """The zone of the local clock, such as "Europe/Berlin", for schedules."""
    require_prey_proof: bool = True
    """No animal is let in by sight before its mouth is proven empty."""
    hold: Annotated[float, Field(gt=0, le=60)] = 5.0
    """Seconds for which the bolt stays open after the last view that earned it."""
    let_in_s: Annotated[float, Field(gt=0, le=60)] = 20.0
    """Seconds for which the owner's "let in" holds: for one passage, whoever it is."""
    unenforced: Literal["locked", "unlocked"] = "locked"
    """How the bolt stays while decisions are made but not yet enforced."""


@dataclass(frozen=True, slots=True)
class HeadSettings:
    """`[heads]`: which classifier head judges what; a head not yet taught is simply absent."""

    species: str = "starter-species"
    who: str = "household"
    prey: str = "prey"


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """`[store]`: what is kept, where, and how much of it."""

    folder: str = ""
    """State directory; empty: $STATE_DIRECTORY as systemd sets it, else ./state."""
    journal_mb: Annotated[float, Field(gt=0)] = 64.0
    pictures_mb: Annotated[float, Field(gt=0)] = 512.0
    free_mb: Annotated[float, Field(ge=0)] = 200.0
    """Pictures are given up, oldest first, to keep this much of the disk free."""
    evidence_days: Annotated[float, Field(gt=0)] = 60.0
    """The frames of evidence of a visit are kept for so long; those of labelled visits for ever."""
    visits_days: Annotated[float, Field(gt=0)] = 730.0
    """Visits and events are kept for so long, labelled visits for ever."""


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`[web]`: where the page and the API are served."""

    enabled: bool = True
    host: str = "127.0.0.1"
    """The address to listen on; "0.0.0.0" for every one of the device, so that phones reach the page."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """0 takes any that is free."""
    names: tuple[str, ...] = ()
    """Names besides the device's own under which it may be asked for, such as "flap.example.org"."""
    certificate: str = ""
    """A PEM file with the certificate and its chain, for HTTPS; `key` then names the file with its key."""
    key: str = ""
    behind_proxy: str = ""
    """The address of a proxy that is believed when it says who asks, such as "127.0.0.1"."""
    rekognition: bool = False
    """Amazon Rekognition's calls are answered at /rekognition, for whoever has a key of `latchlens keys`."""
    rekognition_faces: bool = False
    """Faces of people are found in pictures that are sent or named; nobody is ever recognised."""
    rekognition_pictures: str = ""
    """A folder whose folders are the buckets that an S3Object may name; empty: there are none."""


SECTIONS: Mapping[str, type] = {
    "door": DoorSettings,
    "blind": sight.Settings,
    "motion": motion.Settings,
    "regions": regions.Settings,
    "tracker": tracker.Settings,
    "embedding": embedding.Settings,
    "heads": HeadSettings,
    "view": ViewSettings,
    "identity": IdentitySettings,
    "evidence": EvidenceSettings,
    "visit": VisitSettings,
    "welfare": WelfareSettings,
    "faults": FaultSettings,
    "guard": GuardSettings,
    "store": StoreSettings,
    "learning": collect.Settings,
    "clips": clips.Settings,
    "pins": PinSettings,
    "web": WebSettings,
    "mqtt": mqtt_settings.Settings,
}
PARTS = ("camera", "detector", "bolt")
LISTS = ("animal", "rule", "input", "output", "webhook")
OPTIONAL = ("chip",)


@dataclass(frozen=True, slots=True)
class Project:
    """A project file, read and checked."""

    name: str
    text: str
    """The file as it was read, kept in the journal for replays."""
    version: int
    """That the file is of; what was read from it is brought up to date."""
    camera: Part
    detector: Part
    bolt: Part
    chip: Part | None
    inputs: tuple[Part, ...]
    outputs: tuple[Part, ...]
    policy: PolicySettings
    webhooks: tuple[webhook.Settings, ...] = ()
    sections: Mapping[str, Any] = field(default_factory=dict)

    def section(self, name: str) -> Any:
        """The settings of one section, with its defaults where the file does not mention it."""
        return self.sections[name]

    @property
    def wiring(self) -> Wiring:
        """What of it concerns pins, and so the guard."""
        return Wiring(
            self.section("guard"), self.section("pins"), self.bolt, self.inputs, self.outputs, self.chip
        )


def read_project(path: Path) -> Project:
    """Read and check a project file.

    Raises:
        ConfigError: naming the file, the section, the key and the fix.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: no such project file; name one, or a shipped project such as cat-flap"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    try:
        return parse_project(text, path.stem)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def parse_project(text: str, name: str = "project") -> Project:
    """The project that `text` describes."""
    written = read_toml(text)
    tables = {name: table for name, table in migrated(written).items() if name != KEY}
    _refuse_unknown_sections(tables)
    sections: dict[str, Any] = {
        key: read_settings(cls, f"[{key}]", tables.get(key, {})) for key, cls in SECTIONS.items()
    }
    wiring = read_wiring(tables)
    detector = table_of(tables, "detector") if "detector" in tables else {"kind": "ssd"}
    return Project(
        name=name,
        text=text,
        version=version_of(written),
        camera=read_part("camera", "[camera]", table_of(tables, "camera")),
        detector=read_part("detector", "[detector]", detector),
        bolt=wiring.bolt,
        chip=wiring.chip,
        inputs=wiring.inputs,
        outputs=wiring.outputs,
        policy=_policy(tables, sections),
        webhooks=_webhooks(tables),
        sections=sections,
    )


def _refuse_unknown_sections(tables: Mapping[str, object]) -> None:
    known = [*SECTIONS, *PARTS, *OPTIONAL, *LISTS]
    for name in tables:
        if name not in known:
            raise ConfigError(f"[{name}] is not a section; {hint(name, known)}")


def _webhooks(tables: Mapping[str, Any]) -> tuple[webhook.Settings, ...]:
    read = tuple(
        read_settings(webhook.Settings, nth("webhook", number, table), table)
        for number, table in each_of(tables, "webhook")
    )
    refuse_shared_names("webhook", [each.name for each in read])
    for each in read:
        if each.quiet:
            try:
                Window.parse(each.quiet)
            except ConfigError as error:
                raise ConfigError(f'[[webhook]] "{each.name}" quiet: {error}') from None
    return read


def _policy(tables: Mapping[str, Any], sections: Mapping[str, Any]) -> PolicySettings:
    door: DoorSettings = sections["door"]
    try:
        zone = ZoneInfo(door.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            f'[door] timezone = {door.timezone!r} does not exist; write it like "Europe/Berlin"'
        ) from None
    animals = tuple(
        read_settings(Animal, nth("animal", n, table), table) for n, table in each_of(tables, "animal")
    )
    names = [animal.name for animal in animals]
    refuse_shared_names("animal", names)
    _refuse_unknown_names(tables, names)
    if door.hold > (longest := sections["guard"].max_lease_s):
        raise ConfigError(
            f"[door] hold = {door.hold:g} is cut off by [guard] max_lease_s = {longest:g}; raise that too"
        )
    _refuse_untold_blindness(tables, sections["welfare"])
    return PolicySettings(
        rules=parse_rules([table for _, table in each_of(tables, "rule")], door.require_prey_proof),
        animals=animals,
        view=sections["view"],
        evidence=sections["evidence"],
        identity=sections["identity"],
        visit=sections["visit"],
        welfare=sections["welfare"],
        faults=sections["faults"],
        hold=door.hold,
        let_in_s=door.let_in_s,
        zone=zone,
    )


def _refuse_unknown_names(tables: Mapping[str, Any], animals: Sequence[str]) -> None:
    """Rules may only speak of animals and inputs that the project has."""
    people = ["own", "stranger", "other species", "person", *animals]
    kinds = {str(table.get("name")): table.get("kind") for _, table in each_of(tables, "input")}
    inputs = [name for name, kind in kinds.items() if kind not in ("reed", "thermometer")]
    for number, rule in each_of(tables, "rule"):
        where = nth("rule", number, rule)
        wanted = rule.get("who", [])
        for who in wanted if isinstance(wanted, list) else [wanted]:
            if who not in people:
                raise ConfigError(f"{where} who = {who!r} is not an [[animal]]; {hint(who, people)}")
        _refuse_unknown_chips(where, tables, rule.get("chip", []))
        asked = str(rule.get("input", "")).removeprefix("not ").strip()
        if kinds.get(asked) == "thermometer":
            raise ConfigError(f"{where} input = {asked!r} is a thermometer; see [welfare] below_c")
        if kinds.get(asked) == "reed":
            raise ConfigError(f'{where} input = {asked!r} is a contact; ask for door = "open" or "closed"')
        if asked and asked not in inputs:
            fix = hint(asked, inputs) if inputs else f'add an [[input]] with name = "{asked}"'
            raise ConfigError(f"{where} input = {asked!r} is not an [[input]]; {fix}")
        opens = rule.get("then") == "unlock" and "who" not in rule
        if opens and (asked, kinds.get(asked)) == ("outside", "pir"):
            raise ConfigError(f'{where} would unlock for whatever moves outside; add who = "own"')


def _refuse_untold_blindness(tables: Mapping[str, Any], told: WelfareSettings) -> None:
    """What holds while the camera is blind begins when the owner is told, who may never be told."""
    for number, rule in each_of(tables, "rule"):
        if rule.get("camera") == "blind" and not told.blind_s:
            where = nth("rule", number, rule)
            raise ConfigError(
                f'{where} camera = "blind" never holds with [welfare] blind_s = 0; set that, too'
            )


def _refuse_unknown_chips(where: str, tables: Mapping[str, Any], wanted: object) -> None:
    """A rule may only ask for chips that animals of the project wear, and that a reader can read."""
    chipped = [
        "own",
        *(str(table.get("name")) for _, table in each_of(tables, "animal") if table.get("chip")),
    ]
    for name in wanted if isinstance(wanted, list) else [wanted]:
        if name not in chipped:
            raise ConfigError(
                f"{where} chip = {name!r} is not an [[animal]] with a chip; {hint(name, chipped)}"
            )
        if "chip" not in tables:
            raise ConfigError(f"{where} chip = {name!r} needs a reader; add a section [chip]")
