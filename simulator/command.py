"""`latchlens simulate`: a recording, or a rendered doorstep, through the real loop, without hardware."""

from __future__ import annotations

import logging
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from device.commands.options import CHECKED_LATER, DEFAULT_PROJECT, JsonOption, StateOption

if TYPE_CHECKING:
    from device.config import Project
    from device.interfaces import Camera
    from simulator.play import Played, Watch

DEMO = "demo"


def command(
    project: Annotated[
        str | None, typer.Option("--project", "-p", help="A project file or the name of a shipped one.")
    ] = None,
    video: Annotated[
        Path | None,
        typer.Option(
            "--video",
            help="A video or a folder of pictures; else a doorstep is rendered.",
            readable=CHECKED_LATER,
        ),
    ] = None,
    scene: Annotated[
        list[str] | None,
        typer.Option(
            "--scene", help='A scene file, or the name of a shipped scene such as "s1"; "all" for each.'
        ),
    ] = None,
    vision: Annotated[
        str | None,
        typer.Option(
            help='Who sees a scene: the "oracle" or the "real" models on rendered frames, as with the page.'
        ),
    ] = None,
    sprites: Annotated[
        Path | None,
        typer.Option(
            "--sprites",
            help="A folder of your own cut-outs for --vision real: mimi.png, mimi-prey.png, raccoon.png.",
            readable=CHECKED_LATER,
        ),
    ] = None,
    start: Annotated[float, typer.Option(min=0, help="Second of the recording to begin at.")] = 0.0,
    end: Annotated[float | None, typer.Option(min=0, help="Second of the recording to end at.")] = None,
    rate: Annotated[float | None, typer.Option(min=0.1, max=100, help="Frames a second, at most.")] = None,
    speed: Annotated[
        str | None,
        typer.Option(help='How many times as fast as life, or "max"; a scene on a screen plays at 3.'),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the rendered doorstep, or of the scene.")] = 0,
    headless: Annotated[
        bool, typer.Option("--headless", help="Show and tell nothing but the result.")
    ] = False,
    web: Annotated[
        bool | None,
        typer.Option(
            "--web/--no-web",
            help="Serve the page, and play on in real time until Ctrl-C; so it is on a terminal.",
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", help="Write pictures of what was seen, or a sweep, into this folder."),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(min=1, help="Play whole days at a household's door, as the seed makes them."),
    ] = None,
    sweep: Annotated[
        bool,
        typer.Option("--sweep", help="Play the scenes (all without --scene) under many conditions."),
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, help="Of a sweep: how many of each.")] = 20,
    over: Annotated[
        list[str] | None,
        typer.Option(
            "--over", help="Of a sweep: rate=3,5,10, light=day,dusk,infrared, chip=none, threshold=own,2,4,8."
        ),
    ] = None,
    as_json: JsonOption = False,
    state: StateOption = None,
) -> None:
    """Play a recording, or a day at a rendered doorstep, through the real loop; no hardware is needed.

    With --state the journal, the visits and what was taught stay in that directory. A scene is seen by
    an oracle whose errors are seeded, or by the real models; exit status 1 if something it expects does
    not happen.
    """
    from device.building.folder import make_folder  # noqa: PLC0415
    from device.commands.options import project_path  # noqa: PLC0415
    from device.config import read_project  # noqa: PLC0415
    from device.errors import ConfigError, PictureError  # noqa: PLC0415
    from simulator.watching import watchers  # noqa: PLC0415

    quiet = headless or as_json or bool(scene or days or sweep)
    page = _plain(speed, save, video, quiet) if web is None else web
    if quiet and not page:
        logging.getLogger("latchlens.story").setLevel(logging.ERROR)
        logging.getLogger("device").setLevel(logging.WARNING)
    if sweep:
        raise typer.Exit(0 if _sweep(scene, seeds, over or [], save) else 1)
    if page and video is None and project is None and not days:
        if start or end is not None or save is not None:
            raise ConfigError("--start, --end and --save are for recordings; name one with --video")
        raise typer.Exit(_attend(scene, vision, sprites, state, rate or 10.0, speed, seed))
    if scene or days:
        from simulator.days import days as days_of  # noqa: PLC0415
        from simulator.scene import read_scene  # noqa: PLC0415
        from simulator.scene_command import Showing, named_scenes, play_scenes  # noqa: PLC0415

        given = {"--project": project, "--video": video, "--start": start or None, "--end": end}
        given |= {"--save": save, "--state": state, "--web": web}
        if unused := [option for option, value in given.items() if value is not None]:
            raise ConfigError(
                f"--scene brings its own project, time and state; leave out {', '.join(unused)}"
            )
        unseen = headless or days is not None
        showing = Showing(seed, rate or 10.0, vision or "oracle", as_json, sprites, unseen, speed)
        scenes = [read_scene(path) for path in named_scenes(scene or [])]
        scenes += [days_of(days, seed)] if days else []
        raise typer.Exit(0 if play_scenes(scenes, showing) else 1)
    if vision is not None or sprites is not None:
        raise ConfigError("--vision and --sprites say how a scene is seen; name it with --scene")
    chosen = read_project(project_path(project or (DEMO if video is None else DEFAULT_PROJECT)))
    watch = watchers(speed or ("1" if page else "max"), save)
    if video is None and (start or end is not None):
        raise ConfigError("--start and --end choose a part of a recording; name it with --video")
    with ExitStack() as stack:
        folder = make_folder(state or Path(stack.enter_context(TemporaryDirectory(prefix="latchlens-"))))
        if video is None:
            played = _play_doorstep(chosen, folder, seed, rate or 10.0, watch, page)
        else:
            played = _play_recording(chosen, folder, video, start, end, rate, watch, page)
        if state is None:
            played = replace(played, journal=None)  # it goes with the temporary directory
        print(played.as_json() if as_json else _story(played))
        if played.fault or not played.frames:
            raise PictureError(played.fault or f"{video}: no picture lies between --start and --end")


def _plain(speed: str | None, save: Path | None, video: Path | None, quiet: bool) -> bool:
    """Whether somebody at a terminal just wants to see it: then the page is what there is to see."""
    return sys.stdout.isatty() and not quiet and speed is None and save is None and video is None


def _attend(
    names: list[str] | None,
    vision: str | None,
    sprites: Path | None,
    state: Path | None,
    rate: float,
    speed: str | None,
    seed: int,
) -> int:
    """Play a scene with its page until Ctrl-C; the panel of the page chooses others."""
    from device.building.folder import make_folder  # noqa: PLC0415
    from simulator.panel.routes import DAY, playable  # noqa: PLC0415
    from simulator.panel.running import as_seen, run_with_page  # noqa: PLC0415
    from simulator.watching import factor  # noqa: PLC0415

    chosen = playable((names or [DAY])[0])
    with ExitStack() as stack:
        folder = make_folder(state or Path(stack.enter_context(TemporaryDirectory(prefix="latchlens-"))))
        run_with_page(
            chosen, folder, as_seen(vision or "real", folder, sprites), rate, factor(speed or "1"), seed
        )
    return 0


def _sweep(names: list[str] | None, seeds: int, over: list[str], save: Path | None) -> bool:
    from simulator.scene_command import ALL, named_scenes  # noqa: PLC0415
    from simulator.sweep_command import sweep  # noqa: PLC0415

    return sweep(named_scenes(names or [ALL]), seeds, over, save or Path("out/sweep"))


def _play_recording(
    project: Project,
    folder: Path,
    video: Path,
    start: float,
    end: float | None,
    rate: float | None,
    watch: Watch,
    page: bool,
) -> Played:
    from device.see import video as recorded  # noqa: PLC0415
    from simulator.attended import Repeated  # noqa: PLC0415
    from simulator.play import play  # noqa: PLC0415
    from simulator.recording import RecordingClock  # noqa: PLC0415

    settings = recorded.Settings(str(video), start=start, end=end, rate=rate)

    def begin() -> Camera:
        return recorded.build(settings, RecordingClock())

    return play(project, Repeated(begin) if page else begin(), str(video), folder, watch=watch, page=page)


def _play_doorstep(
    project: Project, folder: Path, seed: int, rate: float, watch: Watch, page: bool
) -> Played:
    from device.building.eyes import build_sight  # noqa: PLC0415
    from simulator.attended import Repeated  # noqa: PLC0415
    from simulator.demo import DAY, DAY_SECONDS, teach_demo  # noqa: PLC0415
    from simulator.doorstep import Doorstep  # noqa: PLC0415
    from simulator.play import play  # noqa: PLC0415

    logging.getLogger("latchlens.story").info("teaching who chelsea is, from rendered lessons")
    heads = project.section("heads")
    if not (folder / "models" / heads.who).is_dir():
        teach_demo(build_sight(project, folder), heads.who, folder / "models")

    def begin() -> Camera:
        return Doorstep(DAY, DAY_SECONDS, rate, seed)

    camera = Repeated(begin) if page else begin()
    return play(project, camera, "rendered doorstep", folder, watch=watch, page=page)


def _story(played: Played) -> str:
    lines = [f"{played.source}: {played.frames} frames, {played.seconds:.1f} s"]
    for visit in played.visits:
        lines.append(
            f"  {visit.started:6.1f} to {visit.ended:5.1f} s  {visit.who or visit.species}: "
            f"{visit.outcome} ({visit.kind}) - {visit.reason}"
        )
    for time, state in played.bolt:
        lines.append(f"  {time:6.2f} s  bolt {state}")
    if played.journal:
        lines.append(f"journal: {played.journal}")
    return "\n".join(lines)
