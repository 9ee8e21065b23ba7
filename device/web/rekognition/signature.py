"""Signature Version 4: proves that whoever sent a request knows an access key's secret, which is never sent.

Pure: headers in, the signature that they must carry out. The client writes down what it asks for in a
canonical form, and signs a digest of it with a key derived from its secret, the day, region and service; the
server does the same and compares. All that decides what is asked must be signed.

Source: "AWS Signature Version 4 for API requests" in the AWS IAM user guide.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from device.web.rekognition.faults import (
    HALF_SIGNATURE,
    NO_SIGNATURE,
    UNKNOWN_KEY,
    WRONG_SIGNATURE,
    RequestError,
)

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "rekognition"
ENDING = "aws4_request"
WINDOW_S = 300.0
"""A request may be dated so far from the device's time, either way."""
CREDENTIAL = re.compile(r"([A-Za-z0-9]{1,128})/(\d{8})/([a-z0-9-]{1,64})/([a-z0-9-]{1,64})/([a-z0-9_]{1,32})")
HEADER_NAMES = re.compile(r"[a-z0-9-]{1,64}(;[a-z0-9-]{1,64}){0,31}")
SIGNATURE = re.compile(r"[0-9a-f]{64}")
DATE = re.compile(r"\d{8}T\d{6}Z")

DECISIVE = frozenset({"authorization", "host", "content-type", "content-length"})

Headers = Mapping[str, str]
"""By their names in lower case."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a request says about its signature."""

    key_id: str
    day: str
    region: str
    date: str
    """As in the header X-Amz-Date: 20260131T235959Z."""
    names: tuple[str, ...]
    """The headers that are signed."""
    signature: str

    @property
    def scope(self) -> str:
        return f"{self.day}/{self.region}/{SERVICE}/{ENDING}"

    @property
    def wall(self) -> float:
        """When it was signed, in UTC seconds.

        Raises:
            RequestError: there is no such date.
        """
        try:
            return datetime.strptime(self.date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        except ValueError:
            raise RequestError(HALF_SIGNATURE, f"X-Amz-Date {self.date} is no date") from None


def single(pairs: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers of a request; what decides is there once only, for what is signed must be what is read.

    Raises:
        RequestError: such a one is there twice.
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        key = name.decode("latin-1").lower()
        if key in found and (key in DECISIVE or key.startswith("x-amz-")):
            raise RequestError(HALF_SIGNATURE, f"the header {key} is there twice")
        text = " ".join(value.decode("latin-1").split())
        found[key] = f"{found[key]},{text}" if key in found else text
    return found


def read(headers: Headers) -> Signed:
    """What the headers say about the signature.

    Raises:
        RequestError: there is none, or it leaves out what must be signed.
    """
    said = headers.get("authorization", "")
    algorithm, _, rest = said.partition(" ")
    if algorithm != ALGORITHM:
        raise RequestError(
            NO_SIGNATURE, "sign the request with an access key; `latchlens keys create` makes one"
        )
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    credential = CREDENTIAL.fullmatch(parts.get("Credential", ""))
    names, signature = parts.get("SignedHeaders", ""), parts.get("Signature", "")
    date = headers.get("x-amz-date", "")
    if not (credential and HEADER_NAMES.fullmatch(names) and SIGNATURE.fullmatch(signature)):
        raise RequestError(HALF_SIGNATURE, "Authorization needs Credential, SignedHeaders and Signature")
    if not DATE.fullmatch(date):
        raise RequestError(HALF_SIGNATURE, "send the header X-Amz-Date, such as 20260131T235959Z")
    key_id, day, region, service, ending = credential.groups()
    if service != SERVICE or ending != ENDING or not date.startswith(day):
        raise RequestError(
            WRONG_SIGNATURE, f"the credential must be for {date[:8]}/REGION/{SERVICE}/{ENDING}"
        )
    found = Signed(key_id, day, region, date, tuple(names.split(";")), signature)
    _refuse_unsigned(found.names, headers)
    return found


def refuse_foreign_date(signed: Signed, wall: float) -> None:
    """Raise RequestError if it was not signed near `wall`, the device's UTC seconds."""
    if abs(signed.wall - wall) > WINDOW_S:
        here = f"{datetime.fromtimestamp(wall, UTC):%Y%m%dT%H%M%SZ}"
        raise RequestError(WRONG_SIGNATURE, f"Signature expired: dated {signed.date}, and here it is {here}")


def refuse_wrong(signed: Signed, secret: str, path: str, headers: Headers, payload_sha256: str) -> None:
    """Raise RequestError unless the signature is that of a POST to `path` with these headers and payload."""
    if not hmac.compare_digest(signature(signed, secret, path, headers, payload_sha256), signed.signature):
        raise RequestError(
            WRONG_SIGNATURE, "the signature is not that of this request; check the secret access key"
        )


def signature(signed: Signed, secret: str, path: str, headers: Headers, payload_sha256: str) -> str:
    """The signature, 64 hexadecimal digits, that a POST to `path` without a query must carry."""
    lines = [f"{name}:{headers[name]}" for name in signed.names]
    canonical = "\n".join(["POST", path, "", *lines, "", ";".join(signed.names), payload_sha256])
    digest = hashlib.sha256(canonical.encode("latin-1")).hexdigest()
    to_sign = "\n".join([ALGORITHM, signed.date, signed.scope, digest])
    key = f"AWS4{secret}".encode()
    for part in (signed.day, signed.region, SERVICE, ENDING):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def _refuse_unsigned(names: tuple[str, ...], headers: Headers) -> None:
    if "x-amz-security-token" in headers:
        raise RequestError(
            UNKNOWN_KEY, "there are no temporary credentials here; use a key without session token"
        )
    if list(names) != sorted(set(names)) or not set(names) <= set(headers):
        raise RequestError(HALF_SIGNATURE, "SignedHeaders must name headers that are there, in their order")
    needed = {"host", "x-amz-date", "x-amz-target", *(set(headers) & {"content-type"})}
    needed |= {name for name in headers if name.startswith("x-amz-")}
    if missing := sorted(needed - set(names)):
        raise RequestError(HALF_SIGNATURE, f"these headers must be signed too: {', '.join(missing)}")
