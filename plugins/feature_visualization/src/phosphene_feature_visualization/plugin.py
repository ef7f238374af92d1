"""What this plugin registers."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_techniques(register: Register) -> None:
    from phosphene_feature_visualization.feature_visualization import FeatureVisualization

    register("feature_visualization", FeatureVisualization)
