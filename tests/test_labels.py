"""Answers about pictures have the shape that clients of Amazon Rekognition read."""

from device.labels import detect_labels, label_detection
from device.messages import Box, Detection

CAT = Detection(Box(0.1, 0.2, 0.3, 0.4), "cat", 0.93)
PERSON = Detection(Box(0.5, 0.1, 0.2, 0.8), "person", 0.61)


def test_a_cat_is_a_label_with_an_instance_in_ratios_and_percent():
    labels = {label["Name"]: label for label in detect_labels([CAT], 55)}
    assert labels["Cat"]["Confidence"] == 93.0
    assert labels["Cat"]["Instances"] == [
        {"BoundingBox": {"Width": 0.3, "Height": 0.4, "Left": 0.1, "Top": 0.2}, "Confidence": 93.0}
    ]
    assert [parent["Name"] for parent in labels["Cat"]["Parents"]] == ["Animal", "Mammal", "Pet"]


def test_parents_are_labels_of_their_own_without_instances():
    labels = {label["Name"]: label for label in detect_labels([CAT, PERSON], 55)}
    assert labels["Mammal"]["Instances"] == []
    assert labels["Mammal"]["Confidence"] == 93.0
    assert labels["Person"]["Parents"] == []


def test_what_is_below_the_minimum_confidence_is_left_out():
    assert detect_labels([PERSON], 62) == []
    assert [label["Name"] for label in detect_labels([PERSON], 61)] == ["Person"]


def test_the_surest_label_comes_first_and_their_number_can_be_limited():
    labels = detect_labels([PERSON, CAT], 0, max_labels=2)
    assert [label["Confidence"] for label in labels] == [93.0, 93.0]


def test_an_animal_of_no_known_kind_is_an_animal_with_its_own_box():
    other = Detection(Box(0, 0, 0.5, 0.5), "other", 0.7)
    labels = {label["Name"]: label for label in detect_labels([other, CAT], 0)}
    assert labels["Animal"]["Confidence"] == 93.0
    assert len(labels["Animal"]["Instances"]) == 1


def test_labels_of_a_video_carry_milliseconds():
    detection = label_detection(1.2345, detect_labels([PERSON], 0))
    assert detection[0]["Timestamp"] == 1234
    assert detection[0]["Label"]["Name"] == "Person"
