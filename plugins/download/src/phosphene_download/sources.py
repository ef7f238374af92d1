"""What can be got, and from where: the addresses of CS231n's own scripts, and of Flickr8k's copy."""

import attrs

from phosphene_core.errors import unknown

COURSE = "http://cs231n.stanford.edu/"
FLICKR = "https://github.com/jbrownlee/Datasets/releases/download/Flickr8k/"


@attrs.frozen
class Remote:
    """One file: its default address and, where they are known, its size in bytes and its SHA-256."""

    address: str
    size: int | None = None
    sha256: str | None = None

    @property
    def name(self) -> str:
        return self.address.rpartition("/")[2]

    @property
    def packed(self) -> bool:
        """Whether it is an archive, to be unpacked."""
        return self.name.endswith((".zip", ".tar", ".tar.gz", ".tgz"))


@attrs.frozen
class Source:
    """A data set: its files, and names that must be among them when all is unpacked."""

    name: str
    about: str
    files: tuple[Remote, ...]
    holds: tuple[str, ...]


SOURCES = {
    s.name: s
    for s in (
        Source("tiny-imagenet-100-a", "TinyImageNet-100-A, what the course's network was trained on (about 120 MB)",
               (Remote(COURSE + "tiny-imagenet-100-A.zip"),), ("wnids.txt", "words.txt")),
        Source("tiny-imagenet-100-b", "TinyImageNet-100-B, the other hundred classes (about 120 MB)",
               (Remote(COURSE + "tiny-imagenet-100-B.zip"),), ("wnids.txt", "words.txt")),
        Source("tiny-imagenet-200", "TinyImageNet, all two hundred classes (248 MB)",
               (Remote(COURSE + "tiny-imagenet-200.zip", 248_100_043,
                       "6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821"),),
               ("wnids.txt", "words.txt")),
        Source("coco-captions", "COCO 2014 captions with VGG-16 features, as the course ships them (about 1 GB)",
               (Remote(COURSE + "coco_captioning.zip"),), ("coco2014_captions.h5", "coco2014_vocab.json")),
        Source("pretrained-model", "the course's trained classifier (46 MB)",
               (Remote(COURSE + "pretrained_model.h5"),), ("pretrained_model.h5",)),
        Source("flickr8k", "Flickr8k, 8,000 photographs with five captions each (about 1.1 GB)",
               (Remote(FLICKR + "Flickr8k_Dataset.zip"), Remote(FLICKR + "Flickr8k_text.zip")),
               ("Flickr8k.token.txt",)),
    )
}  # fmt: skip


def source(name: str) -> Source:
    """The source called `name`, however its letters are written; `NotFoundError` proposes others."""
    if name.lower() not in SOURCES:
        raise unknown("data set to get", name, SOURCES)
    return SOURCES[name.lower()]
