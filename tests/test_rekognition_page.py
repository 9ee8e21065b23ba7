"""The page that says which of Rekognition's operations are answered cannot go stale."""

from __future__ import annotations

from device.web.rekognition.operations import OPERATIONS
from tests.rekognition_table import PAGE, page, rows


def test_the_table_is_what_the_service_model_and_the_device_say():
    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text, "make it anew: python -m tests.rekognition_table"


def test_every_operation_that_is_answered_is_one_of_the_sdk():
    answered = [row.split("`")[1] for row in rows() if "| yes |" in row or "| in part |" in row]
    assert set(answered) == set(OPERATIONS) and len(answered) == len(OPERATIONS)
