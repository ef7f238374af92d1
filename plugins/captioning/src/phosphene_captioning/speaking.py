"""What captioners of features and of pictures have in common: they are asked in some manner, and judged by what they say."""

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from phosphene_core.judgement import Judgement
from phosphene_core.layer import Array

if TYPE_CHECKING:
    from phosphene_captioning.captioner import Captioner


class Speaking:
    """A model with a `speaker`."""

    __slots__ = ()

    @property
    @abstractmethod
    def speaker(self) -> "Captioner":
        """The captioner of features that speaks."""

    @abstractmethod
    def seeing(self, dataset: Any) -> Callable[[Array], Array]:
        """What makes the speaker's features of what a data set's `pictures` give."""

    def judged(self, dataset: Any, split: str, limit: int | None = None) -> dict[str, float]:
        """BLEU, ROUGE-L and CIDEr-D of greedy captions of the split's pictures, and how varied the captions are."""
        from phosphene_captioning.judging import judged

        return judged(self.speaker, self.seeing(dataset), dataset, split, limit)

    @classmethod
    def manner(cls) -> type:
        """`Speech`: by beam search, or by drawing words."""
        from phosphene_captioning.speech import Speech

        return Speech

    def judgement(self, dataset: Any, split: str, limit: int | None = None, manner: Any = None) -> Judgement:
        """`judged`, with METEOR and SPICE where they can be had, and each picture's caption and scores; of captions that are
        found in a `manner`, a `Speech`: by default what `phosphene caption` says first."""
        from phosphene_captioning.judging import judgement

        return judgement(self.speaker, self.seeing(dataset), dataset, split, limit, manner or self.manner()())
