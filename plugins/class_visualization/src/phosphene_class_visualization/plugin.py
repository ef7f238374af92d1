"""What this plugin registers."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_techniques(register: Register) -> None:
    from phosphene_class_visualization.class_visualization import ClassVisualization

    register("class_visualization", ClassVisualization)
