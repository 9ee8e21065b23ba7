"""Labelled pictures in and out over the web, each as one ZIP file."""

from __future__ import annotations

import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import anyio
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from device.errors import StoreError
from device.exporting import order, zipped
from device.importing import ABANDONED_S, FOLDER
from device.learn.album_reader import AlbumReader
from device.learn.formats.any import Wanted
from device.receiving import Delivery, Received, receive_aside
from device.tell.quota import free_bytes
from device.unzipping import refuse_no_zip
from device.web.appliance import Appliance
from device.web.dependencies import Served
from device.web.errands import Errand
from device.web.permission import ADMINISTERS, Administrator, only
from device.web.routes.lessons import BUSY, errands_of

router = APIRouter(prefix="/api/v1/learning", tags=["learning"], dependencies=only(ADMINISTERS))

PART = "upload.zip"
ZIP: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
Name = Annotated[str | None, Query(min_length=1, max_length=64, pattern=r"^[\w.\- ]+$")]


@router.post("/import", status_code=202, responses=BUSY, openapi_extra=ZIP)
async def bring_in(
    request: Request,
    served: Served,
    caller: Administrator,
    task: Annotated[Name, Query(description="Of labels that do not name one, as prey.")] = None,
    label: Annotated[Name, Query(description="Of all pictures of a folder without labels.")] = None,
    whole: Annotated[bool, Query(description="Take pictures whole, without looking for the animal.")] = False,
    replace: Annotated[bool, Query(description="Overrule labels that say otherwise.")] = False,
) -> Errand:
    """Bring a ZIP file of pictures and their labels into the album: all of it, or, if wrong, nothing."""
    errands = errands_of(request)
    errand = errands.claim("import", task or "", caller.name)
    draft: Path | None = None
    try:
        draft = await anyio.to_thread.run_sync(_draft, served.folder / FOLDER)
        await _receive(request, draft / PART, int(served.project.section("store").free_mb * 1e6))
        refuse_no_zip(draft / PART)
    except BaseException as error:
        errands.fail(errand, str(error) or "the upload was cut short")
        shutil.rmtree(draft or "", ignore_errors=True)
        raise
    delivery = Delivery(
        draft / PART,
        Wanted(None, task, label),
        by=caller.name,
        whole=whole,
        replacing=replace,
        called="upload",
    )
    given = (served.project.text, served.project.name, served.folder, delivery, served.clock.wall())
    kept = draft
    errands.begin(errand, _told, receive_aside, *given, after=lambda: shutil.rmtree(kept, ignore_errors=True))
    return errand


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "A ZIP file."}},
)
def hand_out(
    served: Served,
    form: Annotated[
        Literal["manifest", "coco", "yolo", "csv"], Query(alias="format", description="Of the labels.")
    ] = "manifest",
    task: Annotated[Name, Query(description="Only pictures labelled for it.")] = None,
) -> StreamingResponse:
    """Every picture of the album with its labels and boxes, as a ZIP file that other tools read."""
    name = f"latchlens-{form}.zip"
    return StreamingResponse(
        zipped(_order(served, form, task)),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _order(served: Appliance, form: str, task: str | None) -> Any:
    with AlbumReader(served.folder) as album:
        return order(album, form, datetime.now(UTC).isoformat(timespec="seconds"), task=task)


def _draft(place: Path) -> Path:
    try:
        place.mkdir(parents=True, exist_ok=True)
        for left in place.glob(".upload-*"):
            if time.time() - left.stat().st_mtime > ABANDONED_S:
                shutil.rmtree(left, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix=".upload-", dir=place))
    except OSError as error:
        raise StoreError(f"{place}: cannot be written: {error.strerror}; check who owns it") from None


async def _receive(request: Request, path: Path, floor: int) -> None:
    """Write the body to the disk as it comes; its size is bounded by the application's limit."""
    try:
        async with await anyio.open_file(path, "wb") as file:
            async for chunk in request.stream():
                if free_bytes(path.parent) - len(chunk) < floor:
                    raise StoreError(f"{path.parent.parent}: the disk is full; free some space")
                await file.write(chunk)
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(
            f"{path.parent.parent}: cannot be written: {error.strerror}; free some space"
        ) from None


def _told(found: Received) -> dict[str, Any]:
    done = found.brought
    return {
        "format": found.form,
        "views": done.views,
        "labels": done.labels,
        "known": done.known,
        "whole": done.whole,
    }
