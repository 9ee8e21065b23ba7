"""The page's own files: kept by the browser, which asks each time whether they are still the same."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope


class AssetFiles(StaticFiles):
    """Serves several folders as one; the first that has a file gives it."""

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(directory=folders[0])
        self.all_directories = list(folders)

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """A file; "no-cache" means that the browser may keep it and must ask whether it changed."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        answer.headers["Cache-Control"] = "private, no-cache"
        return answer
