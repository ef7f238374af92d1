"""What this plugin registers."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_objectives(register: Register) -> None:
    from phosphene_objectives.channel import Channel
    from phosphene_objectives.class_log_prob import ClassLogProb
    from phosphene_objectives.class_score import ClassScore
    from phosphene_objectives.contrast import Contrast
    from phosphene_objectives.direction import Direction
    from phosphene_objectives.feature_match import FeatureMatch
    from phosphene_objectives.gram_match import GramMatch
    from phosphene_objectives.layer_activation import LayerActivation
    from phosphene_objectives.neuron import Neuron

    register("class_score", ClassScore)
    register("class_log_prob", ClassLogProb)
    register("contrast", Contrast)
    register("channel", Channel)
    register("neuron", Neuron)
    register("direction", Direction)
    register("layer_activation", LayerActivation)
    register("feature_match", FeatureMatch)
    register("gram_match", GramMatch)
