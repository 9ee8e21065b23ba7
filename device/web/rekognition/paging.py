"""Long answers a page at a time, with the token by which a caller asks for more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from device.web.rekognition.faults import INVALID_TOKEN, RequestError

T = TypeVar("T")


def by_place(rows: Sequence[T], token: str | None, most: int) -> tuple[Sequence[T], dict[str, Any]]:
    """At most `most` rows from the place that `token` tells; with the token for more where there are more.

    Raises:
        RequestError: no such token was given out.
    """
    begin = 0
    if token is not None:
        if not (token.isascii() and token.isdecimal()) or not 0 < int(token) < len(rows):
            raise _unknown()
        begin = int(token)
    end = begin + most
    return rows[begin:end], {"NextToken": str(end)} if end < len(rows) else {}


def by_name(names: Sequence[str], token: str | None, most: int) -> tuple[Sequence[str], dict[str, Any]]:
    """At most `most` names after the one that `token` is, which stays right when names before it go.

    Raises:
        RequestError: no such token was given out.
    """
    if token is not None and token not in names:
        raise _unknown()
    begin = 0 if token is None else names.index(token) + 1
    found = names[begin : begin + most]
    return found, {"NextToken": found[-1]} if found and begin + most < len(names) else {}


def _unknown() -> RequestError:
    return RequestError(INVALID_TOKEN, "the token is not one that was given out; begin without one")
