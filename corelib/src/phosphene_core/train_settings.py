"""How to train, whatever the model."""

import attrs

from phosphene_core.options import option


@attrs.frozen
class TrainSettings:
    """How to train, whatever the model."""

    epochs: int = option(10, "times through the training split", ge=0)
    batch_size: int = option(100, "examples per update", ge=1)
    schedule: str = option("constant", "learning rate over time", choices=("constant", "step", "cosine", "onecycle"))
    warmup: float = option(0.2, "share of the run in which onecycle rises", ge=0, le=1)
    decay: float = option(0.5, "factor of the step schedule", gt=0, le=1)
    decay_every: int = option(5, "epochs between factors of the step schedule", ge=1)
    clip_norm: float | None = option(None, "largest norm of all gradients together", gt=0)
    average: float = option(0.0, "decay of the running average of weights that is evaluated and saved", ge=0, lt=1)
    max_train: int | None = option(None, "use only so many training examples, drawn at random once", ge=1)
    max_val: int | None = option(None, "evaluate on only so many examples", ge=1)
    checkpoint_every: int = option(0, "updates between checkpoints, besides the one after each epoch", ge=0)
    recover: float | None = option(
        None, "if the loss is no number any more, go back to the last checkpoint with this factor on the learning rate",
        gt=0, lt=1,
    )  # fmt: skip
    seed: int = option(0, "seed of everything that is random", ge=0)
