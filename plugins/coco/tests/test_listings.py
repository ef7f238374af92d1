"""Lists of captioned pictures: COCO's own JSON, Flickr8k's and 30k's files."""

import json

import pytest

from phosphene_coco.captioned import Captioned, read
from phosphene_coco.place import Place
from phosphene_core import FileError


@pytest.mark.parametrize("kind", ["flickr", "zipped"])
def test_flickr_is_split_by_name_order(kind, captions, request):
    splits = read(Place(request.getfixturevalue(kind)))
    assert {s: len(p) for s, p in splits.items()} == {"train": 8, "val": 1, "test": 1}
    assert splits["train"][3] == Captioned("3.jpg", tuple(captions["3.jpg"]))


def test_cocos_own_files_are_read(tmp_path):
    whole = {
        "images": [{"id": 7, "file_name": "a.jpg", "coco_url": "u"}, {"id": 9, "file_name": "b.jpg"}],
        "annotations": [{"image_id": 7, "caption": "one "}, {"image_id": 7, "caption": "two"}],
    }
    (tmp_path / "captions_val2017.json").write_text(json.dumps(whole))
    assert read(Place(tmp_path)) == {"val": [Captioned("a.jpg", ("one", "two"), "u")]}


def tokens(captions):
    return "".join(f"{f}#{n}\t{c} .\n" for f, said in captions.items() for n, c in enumerate(said))


def pipes(captions):
    rows = (f"{f}| {n}| {c} .\n" for f, said in captions.items() for n, c in enumerate(said))
    return "image_name| comment_number| comment\n" + "".join(rows)


@pytest.mark.parametrize(
    ("name", "form"), [("Flickr8k.token.txt", tokens), ("results_20130124.token", tokens), ("results.csv", pipes)]
)
def test_the_other_forms_of_flickrs_list(tmp_path, captions, name, form):
    (tmp_path / name).write_text(form(captions))
    splits = read(Place(tmp_path))
    assert {s: len(p) for s, p in splits.items()} == {"train": 8, "val": 1, "test": 1}
    assert splits["train"][3].captions == ("a red thing, number 3 .", 'a "quoted" thing .')


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("name", "heading", "row"),
    [
        ("captions.txt", "Image,Caption", "{f},{c}"),
        ("captions.txt", None, "{f},{c}"),
        ("captions.txt", "image_name,comment_number,comment", "{f},{n},{c}"),
        ("results.csv", "image_name | comment_number | comment", "{f} | {n} | {c}"),
        ("results.csv", None, "{f}| {n}| {c}"),
    ],
)
def test_headings_may_differ_or_be_missing(tmp_path, name, heading, row, ends):
    said = {"a.jpg": ["Ein süßer Hund, „er läuft“", "犬 | 🐶"], "b.jpg": ["one, two", "image"]}
    rows = [row.format(f=f, n=n, c=c) for f, captions in said.items() for n, c in enumerate(captions)]
    text = ends.join([*([heading] if heading else []), *rows]) + ends
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    assert {p.file: list(p.captions) for pictures in read(Place(tmp_path)).values() for p in pictures} == said


def test_what_unicode_calls_a_separator_of_lines_ends_no_caption(tmp_path):
    (tmp_path / "results.csv").write_text("a.jpg| 0| one\u2028two\x85three\n", encoding="utf-8")
    assert [p.captions for p in read(Place(tmp_path))["test"]] == [("one\u2028two\x85three",)]


def test_two_lists_for_one_split_are_refused(tmp_path):
    for year in (2014, 2017):
        (tmp_path / f"captions_train{year}.json").write_text('{"images": [], "annotations": []}')
    with pytest.raises(FileError, match=r"captions_train2014\.json and captions_train2017\.json both hold captions for train"):
        read(Place(tmp_path))


def test_flickr8ks_own_splits_go_before_name_order(tmp_path, captions):
    (tmp_path / "Flickr8k.token.txt").write_text(tokens(captions))
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
        ("captions_x.json", '{"images": [{"id": 3, "file_name": "a.jpg"}], "annotations": [{"image_id": 3, "caption": ["c"]}]}',
         "annotation 0: the caption is .'c'., not a text"),
        ("captions.txt", "image,caption\na.jpg,fine\nbroken\n", "line 3"),
        ("captions.txt", 'image,caption\na.jpg,fine\na.jpg,"open\nb.jpg,fine\n', "line 3: a quotation mark is opened"),
        ("captions.txt", "image,number,caption\na.jpg,0,fine\na.jpg,1\n", "line 3: expected image,number,caption, found 'a.jpg,1'"),
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
