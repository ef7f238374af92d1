"""What this plugin registers."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_techniques(register: Register) -> None:
    from phosphene_feature_inversion.feature_inversion import FeatureInversion

    register("feature_inversion", FeatureInversion)
