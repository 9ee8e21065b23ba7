"""Messages as JSON and back: exact to the last bit of every float, strict in what is read."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, TypeAlias, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from device.errors import StoreError
from device.messages import Decision, Observation

Pass: TypeAlias = tuple[Observation, Decision]
"""What one pass of the loop saw and decided."""

STRICT = ConfigDict(extra="forbid", strict=True, ser_json_inf_nan="constants")
PUBLIC = ConfigDict(ser_json_inf_nan="null")
T = TypeVar("T")


def written(message: object) -> str:
    """`message` as one line of JSON.

    A float is written with the fewest digits that read back as the same 64 bits, an infinity as
    Python's own json writes it, an enum by its value. A Frame has no written form.

    Raises:
        StoreError: a field holds something else than its type says.
    """
    return _dump(message)[1:-1].decode()


def read(kind: type[T], text: str, where: str) -> T:
    """The message of type `kind` that `text` holds.

    Raises:
        StoreError: naming `where`, the key and what is wrong with it.
    """
    found: T = _load((kind,), f"[{text}]".encode(), where)[0]
    return found


def exact(message: object) -> dict[str, Any]:
    """`message` as mappings, lists, texts and numbers that lose nothing, for what is read back."""
    found: dict[str, Any] = json.loads(written(message))
    return found


def document(message: object) -> dict[str, Any]:
    """The same for MQTT, pages and printing: None where a number has no limit, for JSON has no infinity.

    Raises:
        StoreError: as in `written`.
    """
    found: dict[str, Any] = json.loads(_dump(message, public=True))[0]
    return found


def write_pass(observation: Observation, decision: Decision) -> bytes:
    """One pass as a line of the journal, without its end; errors as in `written`."""
    return _dump(observation, decision)


def read_pass(line: bytes, where: str) -> Pass:
    """The pass that a line of the journal holds; errors as in `read`."""
    observation, decision = _load((Observation, Decision), line, where)
    return observation, decision


def _dump(*messages: object, public: bool = False) -> bytes:
    kinds = tuple(type(message) for message in messages)
    try:
        return _adapter(kinds, public).dump_json(messages, warnings="error")
    except PydanticSerializationError as error:
        names = " and ".join(kind.__name__ for kind in kinds)
        raise StoreError(f"{names} cannot be written: {' '.join(str(error).split())}") from None


def _load(kinds: tuple[type, ...], text: bytes, where: str) -> tuple[Any, ...]:
    try:
        found: tuple[Any, ...] = _adapter(kinds).validate_json(text)
    except ValidationError as error:
        raise StoreError(f"{where}: {_what_is_wrong(kinds, error)}") from None
    return found


def _what_is_wrong(kinds: tuple[type, ...], error: ValidationError) -> str:
    """The first fault with its key, such as "observation.inputs.door: ..."."""
    first = error.errors(include_url=False, include_input=False)[0]
    if not first["loc"]:
        return first["msg"]
    place, *key = first["loc"]
    named = kinds[place].__name__.lower() if isinstance(place, int) and place < len(kinds) else place
    return f"{'.'.join(str(part) for part in (named, *key))}: {first['msg']}"


@cache
def _adapter(kinds: tuple[type, ...], public: bool = False) -> TypeAdapter[tuple[Any, ...]]:
    """Messages travel in a tuple because only a container hands its strictness on to plain dataclasses."""
    return TypeAdapter(tuple[kinds], config=PUBLIC if public else STRICT)  # type: ignore[valid-type]
