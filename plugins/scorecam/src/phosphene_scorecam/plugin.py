"""What this plugin registers."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_techniques(register: Register) -> None:
    from phosphene_scorecam.scorecam import ScoreCAM

    register("scorecam", ScoreCAM)
