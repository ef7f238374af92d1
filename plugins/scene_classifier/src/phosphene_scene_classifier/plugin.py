"""What this plugin registers."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_models(register: Register) -> None:
    from phosphene_scene_classifier.model import SceneClassifier

    register("scene_classifier", SceneClassifier)


@hookimpl
def register_layers(register: Register) -> None:
    from phosphene_scene_classifier.global_max_pool import GlobalMaxPool

    register("global_max_pool", GlobalMaxPool)
