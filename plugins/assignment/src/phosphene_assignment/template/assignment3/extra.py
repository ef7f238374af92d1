"""Part 5, for up to 10 points more: something of your own that makes the network's inside visible.

Another attribution (Grad-CAM, SmoothGrad, occlusion), style transfer, a texture, the maps of a caption's words: whatever you
find worth showing.
"""


def extra(model, images, rng):
    """Pictures (K, H, W, 3) uint8, 1 to 16 of them, that your idea makes of one picture, images (1, 3, H, W).

    `rng` is the only randomness; another picture gives another result.
    """
    raise NotImplementedError


def about():
    """In 80 words or more: what one sees in these pictures, how you made them, and whose idea it was."""
    raise NotImplementedError
