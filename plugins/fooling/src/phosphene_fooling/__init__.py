"""Pictures that fool a model (Szegedy et al. 2014; FGSM, Goodfellow et al. 2015; PGD, Madry et al. 2018)."""

from phosphene_fooling.fooling import Fooling
from phosphene_fooling.norms import NORMS
from phosphene_fooling.search import Aim, search
from phosphene_fooling.walks import METHODS, way

__all__ = ["METHODS", "NORMS", "Aim", "Fooling", "search", "way"]
