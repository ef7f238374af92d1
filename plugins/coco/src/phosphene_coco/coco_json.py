"""COCO's own annotation file: `images` (id, file_name) and `annotations` (image_id, caption)."""

import json

from phosphene_coco.captioned import Captioned
from phosphene_coco.place import Place
from phosphene_core.errors import FileError, one_line


def read(place: Place, name: str) -> list[Captioned]:
    """The pictures that have captions, in the file's order. `FileError` names the file and the annotation."""
    where = f"{place.path}: {name}"
    try:
        whole = json.loads(place.text(name))
        images, annotations = whole["images"], whole["annotations"]
        files = {i["id"]: (str(i["file_name"]), str(i.get("coco_url", "")), row) for row, i in enumerate(images)}
        annotations = list(annotations)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FileError(f"{where} is not COCO's captions format ({type(error).__name__}: {one_line(error)})") from None
    said: dict[object, list[str]] = {i: [] for i in files}
    for row, annotation in enumerate(annotations):
        try:
            image, caption = annotation["image_id"], annotation["caption"]
            if not isinstance(caption, str):
                raise FileError(f"{where}: annotation {row}: the caption is {caption!r:.80}, not a text")
            said[image].append(caption.strip())
        except (KeyError, TypeError) as error:
            raise FileError(f"{where}: annotation {row} names no picture that is listed ({one_line(error)})") from None
    listed = ((files[i], tuple(captions)) for i, captions in said.items() if captions)
    return [Captioned(file, captions, url, f"{name}, image {row}") for (file, url, row), captions in listed]
