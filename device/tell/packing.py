"""JSON of the store in a fifth of its room: raw deflate, with a dictionary of what every visit says.

A packed text begins with the number of its dictionary, so that a later one can be added; no dictionary may
ever change, or what was packed with it could not be read any more.
"""

from __future__ import annotations

import zlib

from device.errors import StoreError

RAW = -15
"""zlib's word for deflate without header and check sum: the database has its own."""

_FIRST = b"""\
,"infrared":false,"track":{"id":1,"time":100.0,"box":{"left":0.4,"top":0.5,"width":0.2,"height":0.3},
"label":"cat","score":0.9,"heading":"in","first_time":100.0,"frames":1,"seen":true},"view":{"sharpness":
"verdicts":[{"task":"species","scores":{"bird":"dog":"nothing":"other animal":"person":"task":"who","scores":
{"task":"prey","scores":{"clean":"prey":"familiar":null"familiar":true"stranger":
"outcome":"keep locked""outcome":"lock out""outcome":"undecided""kind":"DENY""kind":"BREACH""kind":"PEEK"
"direction":"out""direction":"unclear""who":null"who":"stranger""phase":"new""phase":"update"
"rule":"prey stays out""reason":"carries prey""reason":"waiting: mouth not seen; needed "walks away
{"id":"00000000-1","started":100.0,"ended":110.0,"started_wall":1700000000.0,"tracks":[1],"species":"cat",
"who":"mimi","outcome":"unlock","rule":"my cat, mouth empty","reason":"one of ours, mouth empty",
"kind":"TRANSIT","direction":"in","phase":"end","evidence":[{"name":"who","value":4.5,"needed":4.0,
"refuted":-4.0,"usable_frames":10,"proven":null},{"name":"mimi","value":4.5,"needed":4.0,"refuted":-4.0,
"usable_frames":10,"proven":true},{"name":"mouth empty","value":4.5,"needed":4.0,"refuted":-4.0,
"usable_frames":10,"proven":false}],"frames":100,"attempts":1,"unlocked_at":null}\
""".replace(b"\n", b"")

DICTIONARIES = {1: _FIRST}
NEWEST = max(DICTIONARIES)


def packed(text: str) -> bytes:
    """`text` as it is kept."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, RAW, zdict=DICTIONARIES[NEWEST])
    return bytes([NEWEST]) + deflate.compress(text.encode()) + deflate.flush()


def unpacked(kept: bytes, where: str) -> str:
    """The text that was packed.

    Raises:
        StoreError: naming `where`, if it is damaged, or a newer Latchlens packed it.
    """
    dictionary = DICTIONARIES.get(kept[0]) if kept else None
    if dictionary is None:
        raise StoreError(
            f"{where}: a record cannot be unpacked; a newer Latchlens wrote it, or it is damaged"
        )
    try:
        return zlib.decompressobj(RAW, zdict=dictionary).decompress(kept[1:]).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise StoreError(f"{where}: a record is damaged: {error}") from None
