"""The gallery: animals by name, searched by picture, in Rekognition's words, and never half written."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device import faces
from device.errors import DatasetError, ModelError, StoreError
from device.learn.clusters import cluster
from device.learn.gallery import FOLDER, Gallery, Portrait, page
from device.learn.similarity import Curve, Similarity, even_weights, fit_curve, for_backbone, shipped, trials
from device.messages import Box
from device.portraits import coat
from tests.making import steady

SIZE = 16
CENTRE = np.full(SIZE, 0.1, np.float32)
PLAIN = Similarity("backbone", CENTRE, ((1, Curve(10.0, -4.0)), (3, Curve(12.0, -4.0))))


def direction(number, shake=0.0, seed=0):
    """An embedding of animal `number`, more or less."""
    made = np.zeros(SIZE, np.float32)
    made[number] = 1.0
    made += CENTRE + shake * np.random.default_rng([seed, number]).normal(size=SIZE).astype(np.float32)
    return made / np.linalg.norm(made)


def portrait(number=0, shake=0.05, seed=0, species="cat", reasons=(), left=0.1):
    box = Box(left, 0.2, 0.3, 0.4)
    return Portrait(box, species, 0.9, 200.0, 0.5, direction(number, shake, seed), "grey", reasons)


@pytest.fixture
def gallery(tmp_path):
    made = Gallery(tmp_path, PLAIN)
    made.create("cats", 1.7e9)
    return made


@pytest.fixture
def known(gallery):
    for number, name in enumerate(["mimi", "luna"]):
        for seed in range(3):
            gallery.index("cats", name, [portrait(number, seed=seed)])
    return gallery


def test_an_animal_is_found_by_another_picture_of_it(known):
    pictures, animals = known.search("cats", portrait(1, seed=9))
    assert [match.name for match in animals] == ["luna"]
    assert {match.name for match in pictures} == {"luna"} and len(pictures) == 3
    assert all(match.similarity >= 80 for match in pictures)


def test_an_animal_that_was_never_indexed_is_nobody(known):
    assert known.search("cats", portrait(7)) == ([], [])


def test_the_threshold_and_the_number_of_matches_are_obeyed(known):
    assert len(known.search("cats", portrait(1, seed=9), threshold=0, most=4)[0]) == 4
    assert [match.name for match in known.search("cats", portrait(1, seed=9), threshold=0)[1]] == [
        "luna",
        "mimi",
    ]
    assert known.search("cats", portrait(1, seed=9), threshold=100) == ([], [])


def test_an_animal_of_another_species_is_never_like_it(known):
    assert known.search("cats", portrait(1, seed=0, species="dog"), threshold=0) == ([], [])


def test_what_cannot_be_seen_well_is_refused_with_reasons_unless_asked(gallery):
    blurred = portrait(reasons=("LOW_SHARPNESS",))
    found = gallery.index("cats", "mimi", [blurred])
    assert found.entries == () and found.refused == ((blurred, ("LOW_SHARPNESS",)),)
    assert len(gallery.index("cats", "mimi", [blurred], filtered=False).entries) == 1


def test_more_animals_than_asked_for_are_told_as_such(gallery):
    found = gallery.index("cats", "mimi", [portrait(left=0.1), portrait(left=0.5)], most=1)
    assert len(found.entries) == 1 and found.refused[0][1] == ("EXCEEDS_MAX_FACES",)


def test_all_animals_of_one_picture_share_its_image_id(gallery):
    entries = gallery.index("cats", "both", [portrait(left=0.1), portrait(left=0.5)], most=2).entries
    assert len({each.image for each in entries}) == 1 and len({each.id for each in entries}) == 2


def test_a_collection_survives_the_process(known, tmp_path):
    again = Gallery(tmp_path, PLAIN)
    assert again.names() == ["cats"]
    assert again.read("cats") == known.read("cats")
    assert again.search("cats", portrait(1, seed=9)) == known.search("cats", portrait(1, seed=9))


def test_entries_and_collections_are_deleted(known):
    ids = [each.id for each in known.read("cats").entries]
    assert known.forget("cats", [ids[0], "nobody"]) == (ids[0],)
    assert [each.id for each in known.read("cats").entries] == ids[1:]
    known.delete("cats")
    assert known.names() == []


@pytest.mark.parametrize("name", ["", "../x", "a b", "ä", "x" * 256])
def test_a_name_that_is_not_allowed_is_refused(gallery, name):
    with pytest.raises(DatasetError, match="use letters"):
        gallery.create(name)
    with pytest.raises(DatasetError, match="use letters"):
        gallery.index("cats", name, [])
    with pytest.raises(DatasetError, match="there is no collection"):
        gallery.read(name)


def test_a_name_too_long_for_a_file_is_refused(gallery):
    with pytest.raises(DatasetError, match="use letters"):
        gallery.create("x" * 201)
    assert gallery.create("x" * 200).name in gallery.names()


def test_a_taken_name_and_an_unknown_one_are_told(gallery):
    with pytest.raises(DatasetError, match="there is a collection 'cats' already"):
        gallery.create("cats")
    with pytest.raises(DatasetError, match="there is no collection 'cat'; did you mean"):
        gallery.search("cat", portrait())


def test_a_damaged_collection_is_told_and_left_alone(gallery, tmp_path):
    path = tmp_path / FOLDER / "cats.json"
    path.write_text('{"name": "cats"')
    with pytest.raises(StoreError, match=r"cats.json: is damaged"):
        gallery.index("cats", "mimi", [portrait()])
    assert path.read_text() == '{"name": "cats"'


def test_a_collection_of_another_backbone_is_refused(gallery, tmp_path):
    assert gallery.names() == ["cats"]
    other = Gallery(tmp_path, Similarity("other", CENTRE, PLAIN.curves))
    with pytest.raises(DatasetError, match="another backbone; index its pictures again"):
        other.search("cats", portrait())


def test_a_backbone_without_calibration_is_refused():
    with pytest.raises(ModelError, match="no calibration of similarity"):
        for_backbone("0" * 64)


def test_pages_hold_every_entry_once(known):
    entries, seen, token = known.read("cats").entries, [], None
    while True:
        found, token = page(entries, token, 4)
        seen += found
        if token is None:
            break
    assert tuple(seen) == entries
    with pytest.raises(DatasetError, match="token"):
        page(entries, "nonsense", 4)


def test_answers_have_rekognitions_shapes(gallery):
    shown = [portrait(), portrait(left=0.5, reasons=("SMALL_BOUNDING_BOX",))]
    found = gallery.index("cats", "mimi", shown, most=2)
    answer = faces.indexed(found, shown, "backbone/1")
    (record,), (refused,) = answer["FaceRecords"], answer["UnindexedFaces"]
    assert record["Face"]["ExternalImageId"] == "mimi"
    assert record["Face"]["BoundingBox"] == {"Width": 0.3, "Height": 0.4, "Left": 0.1, "Top": 0.2}
    assert record["FaceDetail"]["Quality"] == {"Brightness": 50.0, "Sharpness": 40.0}
    assert refused["Reasons"] == ["SMALL_BOUNDING_BOX"]
    assert faces.listed(found.entries, None, "backbone/1").keys() == {"Faces", "FaceModelVersion"}
    answer = faces.searched(shown[0], *gallery.search("cats", shown[0]), "backbone/1")
    assert answer["FaceMatches"][0]["Face"]["FaceId"] == record["Face"]["FaceId"]
    assert answer["UserMatches"][0]["User"] == {"UserId": "mimi"}
    assert 80 <= answer["FaceMatches"][0]["Similarity"] <= 100


@steady
@given(st.floats(2, 30), st.floats(-8, 0), st.integers(0, 2**31))
def test_a_curve_is_found_again_from_what_it_makes(slope, offset, seed):
    random = np.random.default_rng(seed)
    scores = random.uniform(-1, 1, 20_000)
    same = random.random(20_000) < Curve(slope, offset).probability(scores)
    found = fit_curve(scores, same, np.ones(20_000))
    there = np.linspace(-1, 1, 21)
    assert np.abs(found.probability(there) - Curve(slope, offset).probability(there)).max() < 0.08


def test_every_pair_of_animals_counts_alike():
    animals = [np.stack([direction(number, 0.1, seed) for seed in range(number + 4)]) for number in range(3)]
    _, of, against = trials(animals, 2, 3, seed=1)
    weights = even_weights(of, against)
    assert weights[of == against].sum() == pytest.approx(weights[of != against].sum())


def test_unknown_visits_of_one_animal_come_together():
    visits = [
        np.stack([direction(number % 3, 0.05, 10 * number + k) for k in range(3)]) for number in range(9)
    ]
    assert cluster(visits, PLAIN) == [[0, 3, 6], [1, 4, 7], [2, 5, 8]]
    assert cluster([], PLAIN) == []


@pytest.mark.parametrize(
    ("bgr", "word"),
    [
        ((40, 110, 200), "ginger"),
        ((20, 20, 22), "black"),
        ((235, 238, 240), "white"),
        ((120, 120, 120), "grey"),
    ],
)
def test_a_coat_has_a_colour(bgr, word):
    assert coat(np.full((40, 40, 3), bgr, np.uint8)) == word


# What follows looks at real pictures.

DATA = Path(__file__).parents[2] / "shared" / "data"
CATS = DATA / "individuals"
real = pytest.mark.skipif(not CATS.is_dir(), reason="no pictures of animals by name in ../shared/data")


@pytest.fixture(scope="module")
def look():
    from device import shipped as files
    from device.config import read_project
    from device.portraits import Portraitist

    return Portraitist.of(read_project(files.project("cat-flap")), None)


@pytest.fixture(scope="module")
def album(look):
    """A portrait of every picture of each cat, in the order of their names."""
    from device.see.pictures import read_picture

    return {
        cat.name: [look.best(read_picture(path)) for path in sorted(cat.iterdir())]
        for cat in sorted(CATS.iterdir())
    }


def without(album, names, pictures=3):
    """The calibration fitted to everyone but `names`."""
    animals = [
        shipped().centred(np.stack([each.embedding for each in portraits]))
        for cat, portraits in album.items()
        if cat not in names
    ]
    curves = []
    for count in (1, pictures):
        scores, of, against = trials(animals, count, 10, seed=0)
        curves.append((count, fit_curve(scores, of == against, even_weights(of, against))))
    return Similarity(shipped().backbone, shipped().centre, tuple(curves))


@real
def test_five_of_seven_cats_are_told_apart_and_two_unknown_ones_rarely_taken_for_them(album, tmp_path):
    names = list(album)
    unknown = names[5:]
    gallery = Gallery(tmp_path, without(album, unknown))
    gallery.create("cats")
    for name in names[:5]:
        for each in album[name][:3]:
            assert gallery.index("cats", name, [each], filtered=False).entries
    hits = total = accepted = strangers = 0
    for name in names:
        for each in album[name][3 if name not in unknown else 0 :]:
            _, animals = gallery.search("cats", each, threshold=0)
            if name in unknown:
                strangers += 1
                accepted += bool(animals) and animals[0].similarity >= 80
            else:
                total += 1
                hits += bool(animals) and animals[0].name == name
    print(f"\nfirst place: {hits} of {total}; unknown cats accepted at 80: {accepted} of {strangers}")
    assert hits / total > 0.75  # with pictures and cats as unlike these, chance is one in five
    assert accepted / strangers < 0.2


@real
@pytest.mark.parametrize("kind", ["dog", "raccoon"])
def test_dogs_and_raccoons_are_unknown(album, tmp_path, look, kind):
    from device.see.pictures import read_picture

    gallery = Gallery(tmp_path, for_backbone(look.backbone))
    gallery.create("cats")
    for name in list(album)[:5]:
        for each in album[name][:3]:
            gallery.index("cats", name, [each], filtered=False)
    files = sorted((DATA / "photos" / kind).iterdir())[:40]
    taken = sum(bool(gallery.search("cats", look.best(read_picture(path)))[1]) for path in files)
    print(f"\n{kind} taken for one of five cats at 80: {taken} of {len(files)}")
    assert taken <= 2


@real
def test_similarity_means_what_it_says_of_a_cat_it_was_not_fitted_to(album):
    """Each cat in turn is searched for in a collection of five, in which it is as often as it is not."""
    random = np.random.default_rng(0)
    said, true = [], []
    for left_out in album:
        similarity = without(album, [left_out])
        views = {cat: similarity.centred(np.stack([e.embedding for e in album[cat]])) for cat in album}
        others = [cat for cat in album if cat != left_out]
        for number, searched in enumerate(views[left_out]):
            for there in (True, False):
                known = [*random.choice(others, 5 - there, replace=False), *([left_out] if there else [])]
                rest = {
                    cat: np.delete(views[cat], number, 0) if cat == left_out else views[cat] for cat in known
                }
                drawn = [rest[cat][random.choice(len(rest[cat]), 3, replace=False)] for cat in known]
                found = similarity.of_animals(searched, drawn)
                best = int(np.argmax(found))
                said.append(found[best])
                true.append(known[best] == left_out)
    said, true = np.array(said), np.array(true)
    for low, high in pairwise((0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0)):
        chosen = (said >= low) & (said <= high)
        print(f"\nsaid {said[chosen].mean():.2f}: true {true[chosen].sum()} of {chosen.sum()}", end="")
        assert abs(said[chosen].mean() - true[chosen].mean()) < 0.2


def test_the_command_tells_cats_apart_from_the_first_to_the_last_step(latchlens, tmp_path):
    skimage = pytest.importorskip("skimage.data")
    picture = tmp_path / "chelsea.png"
    cat = cv2.cvtColor(skimage.chelsea(), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(picture), cat)
    cv2.imwrite(str(tmp_path / "darker.png"), cv2.convertScaleAbs(cat[:, :400], alpha=0.8))
    state = ("--state", str(tmp_path / "state"))

    def answer(*arguments):
        done = latchlens("gallery", *arguments, *state)
        assert done.status == 0, done
        return json.loads(done.out)

    assert answer("create", "cats")["StatusCode"] == 200
    (record,) = answer("index", "cats", picture, "--animal", "chelsea")["FaceRecords"]
    (match,) = answer("search", "cats", tmp_path / "darker.png")["FaceMatches"]
    assert match["Face"]["ExternalImageId"] == "chelsea" and match["Similarity"] > 80
    assert answer("list", "cats")["Faces"] == [record["Face"]]
    assert answer("delete", "cats", "--face", record["Face"]["FaceId"])["DeletedFaces"] == [
        record["Face"]["FaceId"]
    ]
    assert answer("list")["CollectionIds"] == ["cats"]
    latchlens("gallery", "search", "dogs", picture, *state).refused("there is no collection 'dogs'")
    latchlens("gallery", "index", "cats", tmp_path / "none.png", "--animal", "x", *state).refused("none.png")
