"""Labelled pictures from and to Ground Truth, COCO and YOLO: nothing is lost, and every fault has a place."""

import json
import shutil
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import DatasetError
from device.learn.dataset import Collection, LabelledBox, Picture
from device.learn.formats.coco import coco_text, read_coco
from device.learn.formats.manifest import manifest_lines, read_manifest
from device.learn.formats.yolo import label_file, read_yolo, write_yolo
from device.messages import Box

MADE = "2026-05-31T07:15:00Z"

LABEL = {
    "source-ref": "s3://a-bucket/door/0001.jpg",
    "visitors": 0,
    "visitors-metadata": {
        "confidence": 0.95,
        "job-name": "labeling-job/visitors",
        "class-name": "mimi",
        "human-annotated": "yes",
        "creation-date": "2026-04-15T20:17:23.433061",
        "type": "groundtruth/image-classification",
    },
}
BOXES = {
    "source-ref": "s3://a-bucket/door/0002.png",
    "bounding-box": {
        "image_size": [{"width": 640, "height": 480, "depth": 3}],
        "annotations": [
            {"class_id": 1, "top": 251, "left": 399, "width": 155, "height": 101},
            {"class_id": 0, "top": 65, "left": 86, "width": 220, "height": 334},
        ],
    },
    "bounding-box-metadata": {
        "objects": [{"confidence": 1}, {"confidence": 0.5}],
        "class-map": {"0": "cat", "1": "mouse"},
        "type": "groundtruth/object-detection",
        "human-annotated": "yes",
        "creation-date": "2026-11-18T02:53:27",
        "job-name": "my job",
    },
}


def manifest(folder, *lines):
    path = folder / "in.manifest"
    path.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines))
    return path


def metadata(name):
    return LABEL["visitors-metadata"] | {"class-name": name}


def changed(line, *keys, to=None):
    """A deep copy of `line` with the value at `keys` set, or taken out when `to` is None."""
    copy = json.loads(json.dumps(line))
    *way, last = keys
    inner = copy
    for key in way:
        inner = inner[key]
    if to is None:
        del inner[last]
    else:
        inner[last] = to
    return copy


def test_a_manifest_with_a_label_for_each_picture_loads_as_it_stands(tmp_path):
    (picture,) = read_manifest(manifest(tmp_path, LABEL)).pictures
    assert picture.source == "s3://a-bucket/door/0001.jpg"
    assert picture.labels == {"visitors": "mimi"}
    (line,) = manifest_lines(Collection((picture,)), MADE)
    assert json.loads(line) == LABEL


def test_several_attributes_are_several_labels(tmp_path):
    line = {"source-ref": "a.jpg", "d_Cat": 1, "d_Cat-metadata": metadata("Cat"), "d_Door": 1}
    line["d_Door-metadata"] = metadata("Door")
    (picture,) = read_manifest(manifest(tmp_path, line)).pictures
    assert picture.labels == {"d_Cat": "Cat", "d_Door": "Door"}


def test_a_manifest_with_boxes_loads_as_it_stands_and_comes_out_the_same(tmp_path):
    (picture,) = read_manifest(manifest(tmp_path, BOXES, "\n")).pictures
    mouse, cat = picture.boxes
    assert (mouse.label, cat.label, cat.confidence) == ("mouse", "cat", 0.5)
    assert cat.box.pixels(480, 640) == (86, 65, 306, 399)
    (line,) = manifest_lines(Collection((picture,)), MADE)
    assert json.loads(line) == BOXES


def test_a_picture_in_which_nothing_was_boxed_is_known_from_one_not_looked_at(tmp_path):
    nothing = changed(
        changed(BOXES, "bounding-box", "annotations", to=[]), "bounding-box-metadata", "objects", to=[]
    )
    (picture,) = read_manifest(manifest(tmp_path, nothing)).pictures
    (line,) = manifest_lines(Collection((picture,)), MADE)
    assert json.loads(line)["bounding-box"]["annotations"] == []


def test_what_latchlens_does_not_know_goes_through_untouched(tmp_path):
    foreign = {
        "mask-ref": "s3://x",
        "mask-ref-metadata": {"type": "groundtruth/semantic-segmentation", "x": [1]},
    }
    lines = [
        LABEL | foreign | {"weather": {"rain": None}},
        changed(BOXES, "bounding-box", "annotations", 0, "note", to="q"),
    ]
    found = read_manifest(manifest(tmp_path, *lines))
    assert [json.loads(line) for line in manifest_lines(found, MADE)] == lines


META = "visitors-metadata"
BOXED = "bounding-box-metadata"
FAULTS = [
    ("{\n", "line 1: is not JSON at column"),
    ("[]\n", "line 1: is []; it must be an object"),
    ('{"source-ref": NaN}\n', "line 1: is not JSON"),
    (changed(LABEL, "source-ref"), "source-ref is missing"),
    (changed(LABEL, "source-ref", to=7), "source-ref is 7; it must be a text"),
    (changed(LABEL, "visitors"), "visitors is missing"),
    (changed(LABEL, META, to=3), "visitors-metadata is 3; it must be an object"),
    (changed(LABEL, META, "type"), "visitors-metadata type is missing"),
    (changed(LABEL, META, "class-name"), "visitors-metadata class-name is missing"),
    (changed(BOXES, "bounding-box", "image_size"), "bounding-box image_size is missing"),
    (changed(BOXES, "bounding-box", "image_size", to=[]), "image_size has 0 entries"),
    (changed(BOXES, "bounding-box", "image_size", 0, "width", to=0), "is 0 x 480 pixels"),
    (changed(BOXES, "bounding-box", "annotations"), "annotations is missing"),
    (changed(BOXES, "bounding-box", "annotations", 1, "left"), "annotations[1] left is missing"),
    (
        changed(BOXES, "bounding-box", "annotations", 0, "left", to=500),
        "annotations[0]: the box 500, 251, 155 x 101 leaves",
    ),
    (
        changed(BOXES, "bounding-box", "annotations", 0, "height", to=-1),
        "annotations[0]: the box 399, 251, 155 x -1 is empty",
    ),
    (changed(BOXES, "bounding-box", "annotations", 0, "class_id", to=9), "class_id 9 is not in class-map"),
    (
        changed(BOXES, "bounding-box", "annotations", 0, "class_id", to=True),
        "class_id is true; it must be a number",
    ),
    (changed(BOXES, BOXED, "class-map"), "class-map is missing"),
    (changed(BOXES, BOXED, "objects", to=[{}]), "objects has 1 entries for 2 annotations"),
    (changed(BOXES, BOXED, "objects", 0, "confidence", to="high"), 'objects[0] confidence is "high"'),
]


@pytest.mark.parametrize(("line", "said"), FAULTS)
def test_a_broken_line_is_named_with_its_key(tmp_path, line, said):
    path = manifest(tmp_path, "\n", line)
    with pytest.raises(DatasetError) as refused:
        read_manifest(path)
    assert f"{path}, line 2:" in str(refused.value).replace("line 1: is", "line 2: is")
    assert said.replace("line 1: ", "") in str(refused.value)


def test_one_picture_twice_is_refused_and_a_conflict_named(tmp_path):
    with pytest.raises(DatasetError, match=r"0001\.jpg is there twice"):
        read_manifest(manifest(tmp_path, LABEL, LABEL))
    with pytest.raises(DatasetError, match="is 'mimi' and 'tom' for 'visitors'"):
        read_manifest(manifest(tmp_path, LABEL, changed(LABEL, META, "class-name", to="tom")))


def test_an_empty_manifest_and_one_that_is_no_text_are_refused(tmp_path):
    with pytest.raises(DatasetError, match="is empty"):
        read_manifest(manifest(tmp_path, "\n"))
    (tmp_path / "a.manifest").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(DatasetError, match="not text in UTF-8"):
        read_manifest(tmp_path / "a.manifest")
    with pytest.raises(DatasetError, match=r"b\.manifest cannot be read"):
        read_manifest(tmp_path / "b.manifest")


names = st.text(st.characters(categories=["L", "N"], include_characters="-_ "), min_size=1, max_size=8).map(
    str.strip
)
named = names.filter(bool)
texts = st.text(max_size=5) | st.integers() | st.none() | st.lists(st.floats(0, 1), max_size=2)
extras = st.dictionaries(named.map(lambda name: f"x-{name}"), texts, max_size=2)
sizes = st.tuples(st.integers(1, 4000), st.integers(1, 4000))


@st.composite
def boxes(draw, size_px):
    width_px, height_px = size_px
    left, top = draw(st.integers(0, width_px - 1)), draw(st.integers(0, height_px - 1))
    right, bottom = draw(st.integers(left + 1, width_px)), draw(st.integers(top + 1, height_px))
    jitter = draw(st.floats(0, 0.4))
    box = Box.from_corners(
        (left + jitter) / width_px, (top + jitter) / height_px, right / width_px, bottom / height_px
    )
    return LabelledBox(box, draw(named), draw(st.sampled_from([1.0, 0.25])))


@st.composite
def collections(draw):
    sources = draw(st.lists(named, min_size=1, max_size=4, unique_by=str.casefold))
    pictures = []
    for source in sources:
        size_px = draw(sizes)
        pictures.append(
            Picture(
                f"images/{source}.jpg",
                draw(st.dictionaries(st.sampled_from(["who", "prey", "a_b"]), named, max_size=2)),
                tuple(draw(st.lists(boxes(size_px), max_size=3))),
                size_px,
                draw(st.none() | st.integers(0, 2**31).map(float)),
                draw(st.none() | named),
                draw(st.booleans()),
            )
        )
    return Collection(tuple(pictures))


def assert_same(one, other, with_size=True):
    """The same pictures, boxes to within a pixel, and nothing foreign lost."""
    assert len(one.pictures) == len(other.pictures)
    for a, b in zip(sorted(one.pictures, key=source), sorted(other.pictures, key=source), strict=True):
        assert (a.source, a.labels, a.wall, a.visit, a.infrared) == (
            b.source,
            b.labels,
            b.wall,
            b.visit,
            b.infrared,
        )
        assert not (with_size and a.boxes) or a.size_px == b.size_px
        assert [(x.label, x.confidence) for x in a.boxes] == [(y.label, y.confidence) for y in b.boxes]
        for x, y in zip(a.boxes, b.boxes, strict=True):
            for edge, side in (("left", 0), ("top", 1), ("right", 0), ("bottom", 1)):
                assert abs(getattr(x.box, edge) - getattr(y.box, edge)) * a.size_px[side] <= 1.0 + 1e-6
        assert all(b.foreign[key] == value for key, value in a.foreign.items())


def source(picture):
    return picture.source


@settings(max_examples=60)
@given(collections(), extras)
def test_a_manifest_written_and_read_is_the_same_to_within_a_pixel(tmp_path_factory, made, extra):
    path = tmp_path_factory.mktemp("m") / "a.manifest"
    made = Collection(tuple(replace(each, foreign=extra) for each in made.pictures))
    path.write_text("".join(manifest_lines(made, MADE)))
    once = read_manifest(path)
    assert_same(made, once)
    path.write_text("".join(manifest_lines(once, MADE)))
    assert read_manifest(path) == once


@settings(max_examples=60)
@given(collections(), extras, extras)
def test_coco_written_and_read_is_the_same_to_within_a_pixel(tmp_path_factory, made, extra, of_all):
    path = tmp_path_factory.mktemp("c") / "a.json"
    made = Collection(tuple(replace(each, foreign=extra) for each in made.pictures), of_all)
    path.write_text(coco_text(made))
    once = read_coco(path)
    assert_same(made, once)
    assert once.foreign.items() >= of_all.items()
    path.write_text(coco_text(once))
    again = read_coco(path)
    assert again.foreign == once.foreign
    assert [each.foreign for each in again.pictures] == [each.foreign for each in once.pictures]


@settings(max_examples=60)
@given(collections(), extras)
def test_yolo_written_and_read_is_the_same_to_within_a_pixel(tmp_path_factory, made, of_all):
    folder = tmp_path_factory.mktemp("y")
    (folder / "images").mkdir()
    for each in made.pictures:
        (folder / each.source).touch()
    made = Collection(made.pictures, of_all)
    write_yolo(folder, made)
    once = read_yolo(folder)
    assert_same(made, once, with_size=False)
    assert once.foreign.items() >= of_all.items()
    shutil.rmtree(folder / "labels", ignore_errors=True)
    write_yolo(folder, once)
    assert read_yolo(folder).foreign == once.foreign


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def places(document, way=()):
    """The way to every value in a document."""
    yield way
    inside = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in inside:
        yield from places(value, (*way, key)) if isinstance(value, (dict, list)) else [(*way, key)]


@settings(max_examples=300)
@given(st.data())
def test_whatever_stands_anywhere_in_a_document_it_is_read_or_refused_in_one_line(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp()
    document = data.draw(st.sampled_from([LABEL, BOXES, COCO]))
    way = data.draw(st.sampled_from(list(places(document))))
    broken = changed({"": document}, "", *way, to=data.draw(values.filter(lambda value: value is not None)))[
        ""
    ]
    read, path = (
        (read_coco, coco(folder, json.dumps(broken)))
        if document is COCO
        else (read_manifest, manifest(folder, broken))
    )
    try:
        found = read(path)
    except DatasetError as refused:
        assert str(path) in str(refused) and "\n" not in str(refused)
    else:
        assert found.pictures


COCO = {
    "info": {"year": 2026},
    "licenses": [],
    "images": [{"id": 7, "file_name": "a.jpg", "width": 100, "height": 50, "license": 1}],
    "annotations": [
        {"id": 3, "image_id": 7, "category_id": 17, "bbox": [10.5, 5, 20, 40], "area": 800, "iscrowd": 0}
    ],
    "categories": [{"id": 17, "name": "cat", "supercategory": "animal"}],
}


def coco(folder, document):
    path = folder / "instances.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def test_a_coco_document_comes_out_as_it_went_in(tmp_path):
    found = read_coco(coco(tmp_path, COCO))
    assert found.pictures[0].boxes[0].label == "cat"
    assert json.loads(coco_text(found)) == COCO


def test_boxes_of_new_names_get_categories_of_their_own(tmp_path):
    (picture,) = read_coco(coco(tmp_path, COCO)).pictures
    dog = LabelledBox(Box(0, 0, 1, 1), "dog")
    document = json.loads(
        coco_text(
            Collection((replace(picture, boxes=(*picture.boxes, dog)),), {"categories": COCO["categories"]})
        )
    )
    assert document["categories"][1] == {"id": 18, "name": "dog"}
    assert [each["id"] for each in document["annotations"]] == [3, 4]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("nonsense", "is not JSON at column 1"),
        (changed(COCO, "images"), "images is missing; it must be a list"),
        (changed(COCO, "images", to=[]), "image_id 7 is not among the images"),
        (changed(changed(COCO, "images", to=[]), "annotations", to=[]), "images is empty"),
        (changed(COCO, "images", 0, "file_name"), "images[0] file_name is missing"),
        (changed(COCO, "images", 0, "width", to="x"), 'images[0] width is "x"'),
        (changed(COCO, "images", to=COCO["images"] * 2), "images[1] id 7 is there twice; "),
        (changed(COCO, "annotations", to=COCO["annotations"] * 2), "annotations[1] id 3 is there twice"),
        (changed(COCO, "annotations", 0, "category_id", to=1), "category_id 1 is not among the categories"),
        (
            changed(COCO, "annotations", 0, "bbox", to=[1, 2, 3]),
            "annotations[0] bbox is [1, 2, 3]; it must be left",
        ),
        (
            changed(COCO, "annotations", 0, "bbox", to=[90, 2, 30, 4]),
            "annotations[0] bbox: the box 90, 2, 30 x 4 leaves",
        ),
        (changed(COCO, "annotations", 0, "image_id", to=1.5), "image_id is 1.5; it must be a whole number"),
    ],
)
def test_a_broken_coco_document_is_refused_with_its_key(tmp_path, document, said):
    with pytest.raises(DatasetError) as refused:
        read_coco(coco(tmp_path, document))
    assert said in str(refused.value) and "instances.json" in str(refused.value)


def yolo(folder, lines, names="names: [cat, dog]\n"):
    (folder / "images").mkdir()
    (folder / "labels").mkdir()
    (folder / "images" / "a.jpg").touch()
    (folder / "labels" / "a.txt").write_text(lines)
    if names:
        (folder / "data.yaml").write_text(names)
    return folder


def test_outlines_and_confidences_of_yolo_are_kept(tmp_path):
    lines = "1 0.1 0.2 0.5 0.2 0.3 0.6\n0 0.5 0.5 0.2 0.4 0.75\n"
    found = read_yolo(yolo(tmp_path, lines, "path: .\nnames: {0: cat, 1: dog}\nnc: 2\n"))
    dog, cat = found.pictures[0].boxes
    assert dog.box == Box.from_corners(0.1, 0.2, 0.5, 0.6) and cat.confidence == 0.75
    write_yolo(tmp_path, found)
    assert (tmp_path / "labels" / "a.txt").read_text() == lines
    assert "nc: 2" in (tmp_path / "data.yaml").read_text()


@pytest.mark.parametrize(
    ("lines", "names", "said"),
    [
        ("0 0.5 0.5\n", "names: [cat]", "a.txt, line 1: has 3 numbers"),
        ("\n0 0.5 x 0.1 0.1\n", "names: [cat]", "a.txt, line 2: '0 0.5 x 0.1 0.1' are not numbers"),
        ("4 0.5 0.5 0.1 0.1\n", "names: [cat]", "class 4 has no name in data.yaml"),
        ("0 0.5 0.5 1.1 0.1\n", "names: [cat]", "leaves the picture"),
        ("0 nan 0.5 0.1 0.1\n", "names: [cat]", "a.txt, line 1:"),
        ("", "names: 3", "data.yaml names is 3"),
        ("", "nc: 3", "data.yaml names is missing"),
        ("", "names: [cat", "is not YAML"),
    ],
)
def test_a_broken_yolo_folder_is_refused_with_its_line(tmp_path, lines, names, said):
    with pytest.raises(DatasetError) as refused:
        read_yolo(yolo(tmp_path, lines, names))
    assert said in str(refused.value)


def test_a_folder_without_pictures_is_no_yolo_folder(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(DatasetError, match="a YOLO folder has images/ and labels/"):
            read_yolo(folder)


def test_pictures_outside_the_folder_are_not_written_to(tmp_path):
    for outside in ("../a.jpg", "/a.jpg", "s3://bucket/a.jpg"):
        with pytest.raises(DatasetError, match="lies outside the folder"):
            write_yolo(tmp_path, Collection((Picture(outside, boxes=(LabelledBox(Box(0, 0, 1, 1), "a"),)),)))
    assert str(label_file("x/images/y/images/b.jpg")) == "x/images/y/labels/b.txt"
    assert str(label_file("images.jpg")) == "images.txt"


def test_the_real_coco_pictures_load_with_their_boxes(shared_data):
    found = read_yolo(shared_data / "coco")
    assert len(found.pictures) == 128
    assert sum(len(each.boxes) for each in found.pictures) > 900
