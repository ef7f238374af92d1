"""The style of a picture file, or of our own."""

from importlib.resources import files

from phosphene_core.image import decode, resize
from phosphene_core.model import ImageModel
from phosphene_objectives import GramMatch
from phosphene_texture import balanced

LARGEST = 2048


def style_match(
    model: ImageModel, path: str | None, longest: int, layers: tuple[str, ...], weights: tuple[float, ...]
) -> GramMatch:
    """How near a picture is to the style in a file: minus the weighted mean over the layers of the relative squared
    distance of their Gram matrices. `longest`: the longer side in pixels at which the style is looked at."""
    picture = decode(built_in() if path is None else path, max_side=LARGEST)
    factor = longest / max(picture.shape[:2])
    height, width = (max(1, round(side * factor)) for side in picture.shape[:2])
    images = model.preprocess([resize(picture, height, width)], square=False)
    return balanced(GramMatch.of(model, images, layers, weights))


def built_in() -> bytes:
    """The style picture inside this package."""
    return (files("phosphene_style_transfer") / "strokes.png").read_bytes()
