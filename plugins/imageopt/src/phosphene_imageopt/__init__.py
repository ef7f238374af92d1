"""Pictures by gradient ascent: canvases, random transforms, regularizers, and the loop that uses them."""

from phosphene_imageopt.ascent import ascend, check_reaction
from phosphene_imageopt.canvas import Canvas, PixelCanvas
from phosphene_imageopt.cutouts import CutoutCanvas
from phosphene_imageopt.fourier import FourierCanvas
from phosphene_imageopt.regularizers import AlphaNorm, TotalVariation
from phosphene_imageopt.resample import resample
from phosphene_imageopt.transforms import Affine, Jitter
from phosphene_imageopt.visualization import Visualization

__all__ = [
    "Affine", "AlphaNorm", "Canvas", "CutoutCanvas", "FourierCanvas", "Jitter", "PixelCanvas", "TotalVariation",
    "Visualization", "ascend", "check_reaction", "resample",
]  # fmt: skip
