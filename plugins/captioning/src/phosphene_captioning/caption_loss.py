"""What a captioner learns by: softmax loss of the next words, or, later, CIDEr-D of whole captions."""

from typing import TYPE_CHECKING

from phosphene_captioning.scheduled_sampling import partly_own_words
from phosphene_captioning.vocabulary import NULL
from phosphene_core.dataset import Batch
from phosphene_core.errors import PhospheneError, ShapeError
from phosphene_core.layer import Array, Grads, Pass
from phosphene_dense import softmax_cross_entropy

if TYPE_CHECKING:
    from phosphene_captioning.captioner import Captioner

PICTURES = (
    "this captioner reads feature vectors and the data holds pictures: turn them into features with `phosphene data prepare "
    "captions`, or take the model picture_captioner"
)


def loss_by_features(model: "Captioner", batch: Batch, run: Pass) -> tuple[float, dict[str, float], Grads, Array | None]:
    """`Captioner.loss`, and its gradient by the features (N, D) behind it, if it is needed: what an encoder is trained
    by."""
    if "features" not in batch:
        raise ShapeError(PICTURES)
    if "captions" not in batch:
        raise PhospheneError("a captioner learns from captions, and is measured by them; the data holds none")
    features, captions = batch["features"], batch["captions"]
    model.check(features)
    if captions.ndim != 2 or captions.shape[1] < 2 or len(captions) != len(features):
        raise ShapeError(f"captions must be ({len(features)}, T+1): <START>, then words; not {captions.shape}")
    if run.train and model.frequencies is not None and run.progress >= 1 - model.self_critical:
        from phosphene_captioning.self_critical import self_critical_loss

        return self_critical_loss(model, features, batch["references"], model.frequencies, run)
    before, after = captions[:, :-1], captions[:, 1:]
    if run.train and model.scheduled_sampling and run.progress:
        before = partly_own_words(model, features, captions, run)
    asked = after != NULL
    forward = model.decode(features, before, asked, run)
    targets = after[asked]
    loss, dscores, right = softmax_cross_entropy(
        forward.scores, targets, divisor=max(1, len(captions)), overwrite=True
    )
    measures = {"word_accuracy": float(right.sum()) / max(1, len(targets))}
    extra, dalpha = forward.passed_over() if model.attends and model.doubly_stochastic else (0.0, None)
    dfeatures, grads = forward.backward(dscores, dalpha) if run.need else (None, {})
    return loss + extra, measures, grads, dfeatures
