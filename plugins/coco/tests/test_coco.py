"""Captioned pictures: read from COCO's and Flickr's own files, written in the course's layout, and read back."""

import io
import json
import zipfile

import attrs
import h5py
import numpy as np
import pytest
from PIL import Image

from phosphene_captioning import Captioner
from phosphene_captioning.reduction import Reduction
from phosphene_coco import layout
from phosphene_coco.captioned import Captioned, read
from phosphene_coco.dataset import CocoCaptions
from phosphene_coco.feature_table import FeatureTable
from phosphene_coco.place import Place
from phosphene_coco.prepare import prepare, reduction
from phosphene_core import FileError, ShapeError
from phosphene_core.image import decode
from phosphene_core.testing import TinyRecurrent, check_dataset, tiny_classifier

CAPTIONS = {f"{i}.jpg": [f"a red thing, number {i}", 'a "quoted" thing'] for i in range(10)}


def jpeg(i):
    data = io.BytesIO()
    Image.new("RGB", (20 + i, 15), (i * 20, 80, 90)).save(data, format="JPEG")
    return data.getvalue()


@pytest.fixture
def flickr(tmp_path):
    folder = tmp_path / "flickr"
    (folder / "Images").mkdir(parents=True)
    lines = ["image,caption"]
    for i, (name, captions) in enumerate(CAPTIONS.items()):
        (folder / "Images" / name).write_bytes(jpeg(i))
        for c in captions:
            quoted = c.replace('"', '""')
            lines.append(f'{name},"{quoted}"' if '"' in c else f"{name},{c}")
    (folder / "captions.txt").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def zipped(flickr):
    path = flickr.parent / "flickr.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in flickr.rglob("*"):
            archive.write(file, file.relative_to(flickr.parent))
    return path


@pytest.fixture
def prepared(flickr, tmp_path):
    place = Place(flickr)
    prepare(place, read(place), tiny_classifier(), "conv2", tmp_path / "out")
    return tmp_path / "out"


@pytest.mark.parametrize("kind", ["flickr", "zipped"])
def test_flickr_is_split_by_name_order(kind, request):
    splits = read(Place(request.getfixturevalue(kind)))
    assert {s: len(p) for s, p in splits.items()} == {"train": 8, "val": 1, "test": 1}
    assert splits["train"][3] == Captioned("3.jpg", tuple(CAPTIONS["3.jpg"]))


def test_cocos_own_files_are_read(tmp_path):
    whole = {
        "images": [{"id": 7, "file_name": "a.jpg", "coco_url": "u"}, {"id": 9, "file_name": "b.jpg"}],
        "annotations": [{"image_id": 7, "caption": "one "}, {"image_id": 7, "caption": "two"}],
    }
    (tmp_path / "captions_val2017.json").write_text(json.dumps(whole))
    assert read(Place(tmp_path)) == {"val": [Captioned("a.jpg", ("one", "two"), "u")]}


TOKENS = "".join(f"{f}#{n}\t{c} .\n" for f, said in CAPTIONS.items() for n, c in enumerate(said))
PIPES = "image_name| comment_number| comment\n" + "".join(
    f"{f}| {n}| {c} .\n" for f, said in CAPTIONS.items() for n, c in enumerate(said)
)


@pytest.mark.parametrize(
    ("name", "text"), [("Flickr8k.token.txt", TOKENS), ("results_20130124.token", TOKENS), ("results.csv", PIPES)]
)
def test_the_other_forms_of_flickrs_list(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    splits = read(Place(tmp_path))
    assert {s: len(p) for s, p in splits.items()} == {"train": 8, "val": 1, "test": 1}
    assert splits["train"][3].captions == ("a red thing, number 3 .", 'a "quoted" thing .')


def test_flickr8ks_own_splits_go_before_name_order(tmp_path):
    (tmp_path / "Flickr8k.token.txt").write_text(TOKENS)
    for split, names in {"train": "9.jpg\n0.jpg\n", "dev": "5.jpg\n", "test": "7.jpg\n"}.items():
        (tmp_path / f"Flickr_8k.{split}Images.txt").write_text(names)
    splits = read(Place(tmp_path))
    assert {s: [p.file for p in pictures] for s, pictures in splits.items()} == {
        "train": ["9.jpg", "0.jpg"], "val": ["5.jpg"], "test": ["7.jpg"],
    }  # fmt: skip
    (tmp_path / "Flickr_8k.devImages.txt").write_text("5.jpg\nunknown.jpg\n")
    with pytest.raises(FileError, match=r"devImages\.txt, line 2: .*unknown\.jpg"):
        read(Place(tmp_path))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("captions_x.json", "{", "not COCO's captions format"),
        ("captions_x.json", '{"images": []}', "not COCO's captions format"),
        ("captions_x.json", '{"images": [], "annotations": [{"image_id": 3, "caption": "c"}]}', "annotation 0"),
        ("captions.txt", "image,caption\na.jpg,fine\nbroken\n", "line 3"),
        ("captions.txt", "image,caption\na.jpg,fine\n,nothing named\n", "line 3: the name of the picture is empty"),
        ("captions.txt", "image,caption\na.jpg,\n", "line 2: the caption is empty"),
        ("Flickr8k.token.txt", "a.jpg#0\tfine\na.jpg no tab\n", "line 2"),
        ("results.csv", "image_name| comment_number| comment\na.jpg| 0| fine\na.jpg| 1\n", "line 3"),
        ("other.txt", "", "neither captions"),
    ],
)
def test_broken_lists_are_refused_with_the_place(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(FileError, match=message):
        read(Place(tmp_path))


def test_what_was_prepared_is_the_courses_layout(prepared):
    with h5py.File(prepared / "coco2014_captions.h5") as file:
        assert file["train_captions"].dtype == np.int32
        assert file["train_captions"].shape == (16, 17)
        assert file["train_image_idxs"].shape == (16,)
    with h5py.File(prepared / "train2014_vgg16_fc7_pca.h5") as file:
        assert file["features"].shape == (8, 6)
        assert file["features"].dtype == np.float32
    words = json.loads((prepared / "coco2014_vocab.json").read_text())
    assert words["idx_to_word"][:4] == ["<NULL>", "<START>", "<END>", "<UNK>"]
    assert words["word_to_idx"]["a"] == words["idx_to_word"].index("a")


def test_it_reads_back(prepared):
    data = CocoCaptions(str(prepared))
    check_dataset(data)
    features, references = data.pictures("val")
    assert features.shape == (1, 6)
    assert references == [["a red thing number <UNK>", "a quoted thing"]]
    assert data.facts()["features"] == 6
    assert data.split("train").features.mapped is not None, "features stay on the disk"


def test_missing_and_damaged_pictures_stop_or_are_counted(flickr, tmp_path):
    (flickr / "Images" / "2.jpg").unlink()
    (flickr / "Images" / "4.jpg").write_text("not a picture")
    place = Place(flickr)
    with pytest.raises(FileError, match=r"2\.jpg is missing \(captions\.txt, line 6\)"):
        prepare(place, read(place), tiny_classifier(), "conv2", tmp_path / "a")
    done = prepare(place, read(place), tiny_classifier(), "conv2", tmp_path / "b", skip_missing=True)
    assert done.missing == ("2.jpg", "4.jpg")
    assert done.pictures["train"] == 6


def test_pca_keeps_the_strongest_directions():
    rng = np.random.default_rng(0)
    strong = rng.standard_normal((200, 2)) @ rng.standard_normal((2, 7)) * 9
    center, basis, share = reduction(strong + rng.standard_normal((200, 7)) * 0.01 + 5, 2)
    assert share > 0.999
    np.testing.assert_allclose(basis.T @ basis, np.eye(2), atol=1e-5)
    np.testing.assert_allclose(((strong + 5 - center) @ basis @ basis.T), strong + 5 - center, atol=0.1)


def damage(folder, file, name, change):
    with h5py.File(folder / file, "r+") as opened:
        values = change(opened[name][()])
        del opened[name]
        opened[name] = values


def past(value):
    def change(a):
        a[3] = value
        return a

    return change


FAULTS = {
    "a word past the vocabulary": ("coco2014_captions.h5", "train_captions", past(999), "row 3: there is no word 999"),
    "a negative word": ("coco2014_captions.h5", "train_captions", past(-1), "row 3: there is no word -1"),
    "a picture past the features": ("coco2014_captions.h5", "train_image_idxs", past(50), "row 3: there is no picture"),
    "captions of another shape": ("coco2014_captions.h5", "train_captions", lambda a: a[:5], "do not fit"),
    "no table of features": ("train2014_vgg16_fc7_pca.h5", "features", lambda a: a[0], "not a table"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_layout_is_refused_with_file_and_row(prepared, fault):
    file, name, change, message = FAULTS[fault]
    damage(prepared, file, name, change)
    with pytest.raises(FileError, match=message) as error:
        CocoCaptions(str(prepared)).batch("train", np.arange(2))
    assert file in str(error.value)


@pytest.mark.parametrize("text", ["{}", "[]", '{"idx_to_word": ["a", "b"]}', '{"idx_to_word": 5}', "{"])
def test_what_is_no_vocabulary_is_refused(prepared, text):
    (prepared / layout.WORDS).write_text(text)
    with pytest.raises(FileError, match=r"coco2014_vocab\.json"):
        CocoCaptions(str(prepared)).batch("train", np.arange(2))


def test_a_place_that_is_nothing(tmp_path):
    with pytest.raises(FileError, match="does not exist"):
        Place(tmp_path / "nowhere")
    (tmp_path / "x.zip").write_text("no zip")
    with pytest.raises(FileError, match="neither a folder nor a zip"):
        Place(tmp_path / "x.zip")


def test_the_layout_is_read_from_a_zip_without_unpacking_more_than_was_asked_for(prepared):
    path = prepared.parent / "layout.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in prepared.iterdir():
            archive.write(file, f"datasets/coco_captioning/{file.name}")
    data, plain = CocoCaptions(str(path)), CocoCaptions(str(prepared))
    check_dataset(data)
    for name, array in plain.batch("val", np.arange(2)).items():
        np.testing.assert_array_equal(data.batch("val", np.arange(2))[name], array)
    fresh = CocoCaptions(str(path))
    assert fresh.size("val") == 2
    assert not list(fresh.source.folder.glob("train2014_vgg*"))


@pytest.mark.parametrize("kind", ["flickr", "zipped"])
def test_pictures_with_captions_are_a_data_set_of_their_own(kind, request):
    data = CocoCaptions(str(request.getfixturevalue(kind)), side=16)
    check_dataset(data)
    assert {s: data.size(s) for s in data.splits} == {"train": 16, "val": 2, "test": 2}
    batch = data.batch("train", np.array([7, 6]))
    assert batch["images"].shape == (2, 3, 16, 16)
    red = batch["images"][0, 0] + data.facts()["mean"][0]
    np.testing.assert_allclose(red, 60, atol=3)  # picture 3 is (60, 80, 90)
    np.testing.assert_array_equal(batch["images"][0], batch["images"][1])
    images, references = data.pictures("val")
    assert images.shape == (1, 3, 16, 16)
    assert references == [list(CAPTIONS["8.jpg"])], "what people said, unknown words and all"


def test_missing_pictures_of_a_data_set_are_named_or_left_out_and_counted(flickr, caplog):
    (flickr / "Images" / "2.jpg").unlink()
    (flickr / "Images" / "4.jpg").write_text("not a picture")
    with pytest.raises(FileError, match=r"2\.jpg is missing \(captions\.txt, line 6\)"):
        CocoCaptions(str(flickr)).batch("train", np.arange(2))
    data = CocoCaptions(str(flickr), skip_missing=True)
    assert data.size("train") == 12
    assert data.batch("train", np.arange(12))["images"].shape == (12, 3, 64, 64)
    assert "2 of 8 pictures are missing or damaged" in caplog.text


@pytest.mark.parametrize(
    "how", [{}, {"chunks": (4, 3)}, {"chunks": (7, 6), "compression": "gzip"}, {"dtype": ">f4"}, {"dtype": np.float64}]
)
def test_features_are_read_row_by_row_however_they_are_stored(tmp_path, how):
    table = np.random.default_rng(0).standard_normal((30, 6)).astype(np.float32)
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file.create_dataset("features", data=table, **how)
    opened = FeatureTable.open(tmp_path / "f.h5")
    assert len(opened) == 30
    for rows in ([3, 29, 3, 0, 12, 13], list(range(30)), [5], []):
        got = opened.rows(np.array(rows, np.intp))
        assert got.dtype == np.float32
        np.testing.assert_array_equal(got, table[rows])


@pytest.mark.parametrize("how", [{}, {"chunks": (4, 6)}])
def test_a_row_of_features_that_is_no_number_is_named(tmp_path, how):
    table = np.zeros((20, 6), np.float32)
    table[13, 2] = np.nan
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file.create_dataset("features", data=table, **how)
    opened = FeatureTable.open(tmp_path / "f.h5")
    assert not opened.rows(np.array([12, 14])).any()
    with pytest.raises(FileError, match=r"f\.h5: 'features', row 13"):
        opened.rows(np.array([14, 13, 2]))


def test_pictures_are_read_slice_by_slice(prepared, flickr):
    for data in (CocoCaptions(str(prepared)), CocoCaptions(str(flickr), side=16)):
        inputs, references = data.pictures("train")
        whole = np.asarray(inputs)
        assert whole.shape == inputs.shape
        assert len(whole) == len(inputs) == len(references)
        np.testing.assert_array_equal(np.concatenate([inputs[:3], inputs[3:]]), whole)
        assert len(data.pictures("train", 2)[0]) == 2


def test_a_damaged_picture_is_named_with_its_line(flickr):
    (flickr / "Images" / "4.jpg").write_text("not a picture")
    with pytest.raises(FileError, match=r"4\.jpg \(captions\.txt, line 10\)"):
        CocoCaptions(str(flickr)).batch("train", np.arange(16))


def test_no_training_captions(prepared):
    damage(prepared, "coco2014_captions.h5", "train_captions", lambda a: a[:0])
    damage(prepared, "coco2014_captions.h5", "train_image_idxs", lambda a: a[:0])
    with pytest.raises(FileError, match=r"train_captions in coco2014_captions\.h5 is empty"):
        CocoCaptions(str(prepared)).check_split("train")


def test_features_of_another_width_than_the_other_splits(prepared):
    damage(prepared, "val2014_vgg16_fc7_pca.h5", "features", lambda a: a[:, :4])
    data = CocoCaptions(str(prepared))
    assert data.size("train")
    with pytest.raises(FileError, match=r"val2014_vgg16_fc7_pca\.h5: features have 4 columns; those of train have 6"):
        data.size("val")


def test_a_captioner_reads_the_captions_of_another_vocabulary_and_no_features_of_another_width(prepared):
    data = CocoCaptions(str(prepared))
    words = ("<NULL>", "<START>", "<END>", "<UNK>", "thing", "a")
    captioner = Captioner(recurrent=TinyRecurrent(), features=6, word_size=4, vocabulary_words=words)
    theirs = data.batch("val", np.array([1]))  # a quoted thing
    ours = captioner.reading(data.facts())(theirs)
    assert captioner.vocabulary.decode(ours["captions"][0]) == "a <UNK> thing"
    np.testing.assert_array_equal(ours["features"], theirs["features"])
    with pytest.raises(ShapeError, match=r"train2014_vgg16_fc7_pca\.h5: features have 6 columns; this captioner reads 7"):
        attrs.evolve(captioner, features=7).reading(data.facts())


def test_a_judgement_names_each_picture(prepared):
    data = CocoCaptions(str(prepared))
    captioner = Captioner(recurrent=TinyRecurrent(), word_size=4).prepared_for(data.facts())
    found = captioner.initialized(np.random.default_rng(0)).judgement(data, "train", 3)
    assert [one["name"] for one in found.each] == ["0.jpg", "1.jpg", "2.jpg"]
    assert found.each[2]["references"] == ["a red thing number <UNK>", "a quoted thing"]
    assert found.measures["distinct_captions"] == len({one["text"] for one in found.each})
    assert np.mean([one["cider_d"] for one in found.each]) == pytest.approx(found.measures["cider_d"])


def test_a_captioner_of_prepared_features_is_made_whole_and_describes_pictures_the_same_way(flickr, tmp_path):
    place, encoder = Place(flickr), tiny_classifier()
    prepare(place, read(place), encoder, "conv2", tmp_path / "out", encoder_name="tiny", dimensions=4)
    data = CocoCaptions(str(tmp_path / "out"))
    speaker = Captioner(recurrent=TinyRecurrent(), word_size=4).prepared_for(data.facts()).initialized(np.random.default_rng(0))
    found = Reduction.read(tmp_path / "out")
    assert (found.encoder, found.activation, found.basis.shape) == ("tiny", "conv2", (6, 4))
    whole = found.joined(lambda kind, name: {"tiny": encoder}[name], speaker)
    pictures = [decode(flickr / "Images" / name) for name in ("8.jpg",)]
    np.testing.assert_allclose(whole.features(whole.preprocess(pictures)), data.pictures("val")[0], rtol=1e-4, atol=1e-3)
    with pytest.raises(ShapeError, match="these features have 4 columns; the captioner reads 5"):
        found.joined(lambda kind, name: encoder, attrs.evolve(speaker, features=5))
    with pytest.raises(FileError, match=r"reduction\.h5 does not exist"):
        Reduction.read(tmp_path)


def test_links_to_folders_are_followed_once(tmp_path, flickr):
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "Images").symlink_to(flickr / "Images")
    (linked / "Images" / "round").symlink_to(linked)
    (linked / "captions.txt").write_text((flickr / "captions.txt").read_text())
    assert CocoCaptions(str(linked), side=16).batch("train", np.arange(3))["images"].shape == (3, 3, 16, 16)


def test_a_missing_picture_is_told_before_any_is_looked_at(flickr, tmp_path):
    (flickr / "Images" / "9.jpg").unlink()
    place = Place(flickr)
    with pytest.raises(FileError, match=r"9\.jpg is missing \(captions\.txt, line 20\)"):
        prepare(place, read(place), None, "conv2", tmp_path / "a")


def test_what_is_only_validated_on_needs_no_training_captions(tmp_path):
    whole = {
        "images": [{"id": i, "file_name": f"{i}.jpg"} for i in range(3)],
        "annotations": [{"image_id": i % 3, "caption": "a red thing"} for i in range(6)],
    }
    (tmp_path / "captions_val2017.json").write_text(json.dumps(whole))
    for i in range(3):
        (tmp_path / f"{i}.jpg").write_bytes(jpeg(i))
    data = CocoCaptions(str(tmp_path), side=16)
    assert (data.size("train"), data.size("val")) == (0, 6)
    assert data.vocabulary.decode(data.batch("val", np.array([0]))["captions"][0]) == "a red thing"
    assert data.facts()["mean"].shape == (3, 16, 16)


def test_a_set_so_small_that_a_split_is_empty(tmp_path, flickr):
    lines = (flickr / "captions.txt").read_text().splitlines()[:9]  # four pictures: three train, none val, one test
    (flickr / "captions.txt").write_text("\n".join(lines) + "\n")
    place = Place(flickr)
    done = prepare(place, read(place), tiny_classifier(), "conv2", tmp_path / "out", least=1)
    assert done.pictures == {"train": 3, "val": 0, "test": 1}
    data = CocoCaptions(str(tmp_path / "out"))
    assert (data.size("train"), data.size("val"), data.size("test")) == (6, 0, 2)
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_a_zip_with_a_member_without_a_name(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.txt", "x")
        archive.filelist[0].filename = ""
    with pytest.raises(FileError, match="neither"):
        read(Place(tmp_path / "x.zip"))


def test_a_layout_in_a_zip_that_is_a_bomb_or_damaged_leaves_no_half_file(prepared):
    path = prepared.parent / "layout.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in prepared.iterdir():
            bomb = file.name == "train2014_vgg16_fc7_pca.h5"
            archive.writestr(file.name, bytes(80 << 20) if bomb else file.read_bytes())
    data = CocoCaptions(str(path))
    with pytest.raises(FileError, match=r"train2014_vgg16_fc7_pca.h5 claims 83,886,080 bytes, more than the zip may hold"):
        data.size("train")
    content = bytearray(path.read_bytes())
    at = content.index(b"coco2014_captions.h5") + 120  # in the middle of its data
    content[at : at + 8] = b"\xff" * 8
    path.write_bytes(content)
    data = CocoCaptions(str(path))
    with pytest.raises(FileError, match=r"coco2014_captions.h5 cannot be read"):
        data.size("train")
    assert not list(data.source.folder.rglob("*captions.h5*"))
