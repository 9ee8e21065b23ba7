"""What learning learns from: examples, their visits and labels, and the table they are read from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import DatasetError
from device.learn.dataset import Dataset, Example, Picture, packed, unpacked
from device.learn.formats.table import read_table, stamped, write_table


def example(number, visit="v", **changes):
    given = {"wall": 1e9 + number, "codes": np.full(4, number + 1, np.int8)} | changes
    return Example(id=str(number), visit=visit, **given)


def dataset(*examples, backbone="b"):
    return Dataset(examples, backbone)


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 5.0))
def test_eight_bits_keep_the_direction_of_an_embedding(seed, spread):
    values = np.random.default_rng(seed).gamma(spread, size=1280).astype(np.float32)
    values /= np.linalg.norm(values)
    assert unpacked(packed(values)[None])[0] @ values > 0.999


def test_an_embedding_of_nothing_stays_nothing():
    assert not unpacked(packed(np.zeros(8, np.float32))[None]).any()


def test_arrays_follow_the_order_of_the_examples():
    data = dataset(example(1, labels={"who": "mimi"}), example(0, labels={"who": "tom"}, probability=0.25))
    assert data.labels("who") == ("mimi", "tom")
    assert data.embeddings().shape == (2, 4)
    assert data.weights().tolist() == [1.0, 4.0]
    assert data.classes("who") == ("mimi", "tom")


def test_visits_gather_their_examples():
    data = dataset(example(0, "a"), example(1, "b"), example(2, "a"))
    assert data.visits() == {"a": [0, 2], "b": [1]}
    assert [each.id for each in data.take([2, 0]).examples] == ["2", "0"]


def test_labels_of_one_class_only_teach_nothing():
    with pytest.raises(DatasetError, match="'prey' are all 'clean'; at least two"):
        dataset(example(0, labels={"prey": "clean"})).classes("prey")
    with pytest.raises(DatasetError, match="none at all"):
        dataset(example(0)).classes("prey")


def test_an_example_without_a_label_is_named():
    data = dataset(example(0, labels={"prey": "clean"}), example(7))
    with pytest.raises(DatasetError, match="example 7 has no label for 'prey'"):
        data.labels("prey")
    assert data.labelled("prey").labels("prey") == ("clean",)


TABLE = """file,time,label,event,note
a_20140101_192200_3.jpg,,prey,e1,tail
b.jpg,2014-01-02T00:00:00,no_prey,e2,
c.jpg,2014-01-02T01:00:00+01:00,,e2,"a, b"
"""


def test_a_table_is_read_with_its_labels_times_and_visits(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    first, second, third = read_table(tmp_path / "t.csv", {"label": "prey"})
    assert first == Picture(
        "a_20140101_192200_3.jpg", {"prey": "prey"}, wall=1388604120.0, visit="e1", foreign={"note": "tail"}
    )
    assert second.wall == third.wall == 1388620800.0
    assert third.labels == {} and third.foreign == {"note": "a, b"}


def test_a_table_written_is_read_again(tmp_path):
    pictures = [
        Picture("ä/1.jpg", {"who": "mimi", "prey": "clean"}, wall=12.5, visit="v", infrared=True),
        Picture("2.jpg", {"who": 'a "b", c'}, foreign={"note": "x"}),
    ]
    write_table(tmp_path / "t.csv", pictures)
    again = read_table(tmp_path / "t.csv", {"who": "who", "prey": "prey"})
    assert again[0] == Picture(
        **{f: getattr(pictures[0], f) for f in ("source", "labels", "wall", "visit", "infrared")}
        | {"foreign": {"note": ""}}
    )
    assert again[1] == pictures[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,label\na,b\n", "line 1: there is no column 'file'"),
        ("file,other\na,b\n", "line 1: there is no column 'label'"),
        ("", "line 1: there is no column 'file'"),
        ("file,label\na.jpg\n", "line 2: has more or fewer cells"),
        ("file,label\na.jpg,b,c\n", "line 2: has more or fewer cells"),
        ("file,label\n,b\n", "line 2: file is empty"),
        ("file,label,time\na.jpg,b,yesterday\n", "line 2: time 'yesterday' is none"),
        ("file,label\na.jpg,b\na.jpg,b\n", "a.jpg is there twice"),
        ("file,label\na.jpg,b\na.jpg,c\n", "a.jpg is 'b' and 'c' for 'prey'"),
        ('file,label\n"a.jpg,b\n', "not a CSV table"),
        ("file,label\n\udcff,b\n", "not a CSV table"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_its_line(tmp_path, text, said):
    (tmp_path / "t.csv").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(DatasetError) as refused:
        read_table(tmp_path / "t.csv", {"label": "prey"})
    assert said in str(refused.value) and "t.csv" in str(refused.value)


def test_a_table_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"t\.csv cannot be read"):
        read_table(tmp_path / "t.csv", {})


@pytest.mark.parametrize(
    ("name", "wall"),
    [
        ("x/20131231_192744_0.jpg", 1388518064.0),
        ("cam-20131231-192744.png", 1388518064.0),
        ("20131331_192744.jpg", None),
        ("belle_00.jpg", None),
    ],
)
def test_a_time_in_a_name_is_found(name, wall):
    assert stamped(name) == wall


def test_the_labels_of_the_real_flap_are_read_with_their_events(shared_data):
    pictures = read_table(shared_data / "flap" / "labels.csv", {"label": "prey"})
    assert len(pictures) == 180
    assert len({each.visit for each in pictures if each.labels["prey"] == "prey"}) == 7
    assert all(each.wall for each in pictures)
