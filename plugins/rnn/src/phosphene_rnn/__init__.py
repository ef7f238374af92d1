"""The vanilla recurrent layer, and the engine on which any recurrent cell runs."""

from phosphene_rnn.cell import Cell, Stage, sigmoid
from phosphene_rnn.cell_layer import CellLayer
from phosphene_rnn.engine import use_twins
from phosphene_rnn.products import Packed, weight_gradient
from phosphene_rnn.vanilla import VanillaRNN
from phosphene_rnn.word_steps import WordSteps

__version__ = "0.1.0"

__all__ = ["Cell", "CellLayer", "Packed", "Stage", "VanillaRNN", "WordSteps", "sigmoid", "use_twins", "weight_gradient"]
