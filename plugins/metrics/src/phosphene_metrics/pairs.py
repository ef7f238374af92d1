"""Candidates and references, image by image: checked and cut into words."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from attrs import frozen

from phosphene_core.errors import PhospheneError
from phosphene_metrics.tokenizer import tokenize_all

Id = TypeVar("Id", bound=Hashable)


@frozen
class Pairs(Generic[Id]):
    """N images: their ids, one candidate each and one or more references each, all as lists of words."""

    ids: list[Id]
    candidates: list[list[str]]
    references: list[list[list[str]]]

    @classmethod
    def of(
        cls, candidates: Mapping[Id, str], references: Mapping[Id, Sequence[str]], *, tokenized: bool = False
    ) -> "Pairs[Id]":
        """Match both by id, in the order of the references, and cut them into words.

        A candidate may be empty (a captioner may have nothing to say); an image without a reference that holds a word
        is a `PhospheneError`, as are ids that only one side knows. `tokenized`: the words are split at spaces already.
        """
        _check(candidates, references)
        ids = list(references)
        written = iter(_cut([sentence for image in ids for sentence in references[image]], tokenized))
        several = [[next(written) for _ in references[image]] for image in ids]
        for image, sentences in zip(ids, several, strict=True):
            if not any(sentences):
                raise PhospheneError(
                    f"no reference caption of image {image!r} holds a word; drop the image or mend them"
                )
        return cls(ids, _cut([candidates[image] for image in ids], tokenized), several)


def _check(candidates: Mapping[Id, str], references: Mapping[Id, Sequence[str]]) -> None:
    if not candidates:
        raise PhospheneError("there are no candidate captions to evaluate; give one for each image")
    for mine, theirs, lack in (
        (candidates, references, "a candidate but no reference captions"),
        (references, candidates, "reference captions but no candidate"),
    ):
        alone = [image for image in mine if image not in theirs]
        if alone:
            shown = ", ".join(repr(image) for image in alone[:3]) + (", …" if len(alone) > 3 else "")
            images = "image has" if len(alone) == 1 else "images have"
            raise PhospheneError(f"{len(alone)} {images} {lack}: {shown}; both must name the same images")
    for image, sentences in references.items():
        if isinstance(sentences, str):
            raise PhospheneError(f"the references of image {image!r} are one string; give a list of captions")


def _cut(captions: Sequence[str], tokenized: bool) -> list[list[str]]:
    if tokenized:
        return [caption.split() for caption in captions]
    # The few words that hold a no-break space ("1 1/2") are two to coco-caption's scorers.
    return [" ".join(words).split() for words in tokenize_all(captions)]
