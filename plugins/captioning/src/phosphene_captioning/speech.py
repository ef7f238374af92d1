"""How a captioner is asked for what it says: by beam search, diverse or not, or by drawing words."""

import attrs
import numpy as np

from phosphene_captioning.beam import Beam, beam_search
from phosphene_captioning.caption import Caption
from phosphene_captioning.captioner import Captioner
from phosphene_captioning.sampling import Draw, greedy, sample
from phosphene_core.errors import SettingError
from phosphene_core.layer import Array
from phosphene_core.options import option

MOST = 10_000
"""Beams of a search, and captions of a picture: more would take long and tell nothing."""


def _temperature(value: float) -> str | None:
    return None if value == 0 or 0.01 <= value <= 100 else f"must be 0, or from 0.01 to 100, not {value:g}"


@attrs.frozen
class Speech:
    """How a captioner is asked. <UNK> is never said. `SettingError` if drawing is asked for, but without a temperature."""

    beam: int = option(Beam().width, "beam width; 1 is greedy", ge=1, le=MOST)
    groups: int = option(1, "diverse beam search: groups of beams that must differ from each other", ge=1, le=MOST)
    diversity: float = option(Beam().diversity, "what a word costs a later group for each earlier one that has it", ge=0, le=100)
    length_power: float = option(
        Beam().length_power, "beams are ranked by log-probability / length ** this; 0 favours short captions", ge=0, le=10
    )
    temperature: float = option(0.0, "draw words at random with this temperature; 0 for beam search", check=_temperature)
    top_k: int = option(0, "draw from so many of the likeliest words; 0 for all", ge=0)
    nucleus: float = option(1.0, "draw from the likeliest words that hold this much probability", gt=0, le=1)
    seed: int = option(0, "seed of everything that is random", ge=0)
    screening: bool = option(
        True, "most words' scores by whole numbers of 16 bits, quicker; off: log-probabilities to float's rounding, not 1e-5"
    )

    def __attrs_post_init__(self) -> None:
        if not self.temperature and (self.top_k or self.nucleus < 1):
            raise SettingError("top_k and nucleus limit what is drawn, and beam search draws nothing: set a temperature above 0")

    @property
    def rng(self) -> np.random.Generator:
        """A generator at its start: `captions` of one run after another go on with the same one."""
        return np.random.default_rng(self.seed)

    @property
    def most(self) -> int:
        """How many captions of a picture there are without searching wider; no limit to what is drawn."""
        return MOST if self.temperature else max(self.beam, self.groups)

    def captions(
        self, model: Captioner, features: Array, rng: np.random.Generator, best: int = 1, max_length: int = 16
    ) -> list[list[Caption]]:
        """For each row of features (N, D) its `best` captions, best first. So many are searched for at least, and fewer may
        be found where groups of beams find the same; drawn ones come as they were drawn."""
        if self.temperature:
            draw = Draw(temperature=self.temperature, top_k=self.top_k, nucleus=self.nucleus)
            drawn = sample(model, np.repeat(features, best, axis=0), draw, rng, max_length, forbid_unknown=True)
            return [drawn[i : i + best] for i in range(0, len(drawn), best)]
        width = max(self.beam, self.groups, best)
        if width == 1:
            return [[c] for c in greedy(model, features, max_length, True, self.screening)]
        beam = Beam(width=width, length_power=self.length_power, groups=self.groups, diversity=self.diversity)
        found = beam_search(model, features, beam, max_length, True, self.screening)
        return [list({c.tokens: c for c in several}.values())[:best] for several in found]


GREEDY = Speech(beam=1)
