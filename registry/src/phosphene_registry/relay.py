"""Passes what happens in a run on to the plugins that watch it; one that fails does not cost the run."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from phosphene_core.errors import PhospheneError
from phosphene_registry.plugin import Plugin, told

if TYPE_CHECKING:
    from phosphene_registry.registry import Registry

Report = Callable[[str], None]


class Relay:
    """The observing hooks as methods, for `Trainer(hooks=...)`.

    An observer that raises is reported once, by its plugin's name, and not called again in this run. `report` is given
    one line.
    """

    def __init__(self, registry: "Registry", report: Report) -> None:
        self._registry, self._report = registry, report
        self._watchers: dict[str, list[tuple[Plugin, Any]]] = {}

    def training_started(self, trainer: Any) -> None:
        self._observe("training_started", trainer=trainer)

    def step_finished(self, trainer: Any, step: Any) -> None:
        self._observe("step_finished", trainer=trainer, step=step)

    def epoch_finished(self, trainer: Any, record: dict[str, Any]) -> None:
        self._observe("epoch_finished", trainer=trainer, record=record)

    def training_finished(self, trainer: Any) -> None:
        self._observe("training_finished", trainer=trainer)

    def frame_ready(self, technique: Any, frame: Any) -> None:
        self._observe("frame_ready", technique=technique, frame=frame)

    def reduce_gradients(self, grads: dict[str, Any]) -> dict[str, Any] | None:
        """The first plugin's answer that is not None. A failure ends the run: its gradients would be wrong."""
        for plugin, caller in self._of("reduce_gradients"):
            try:
                result = caller(grads=grads)
            except PhospheneError:
                raise
            except Exception as error:
                raise PhospheneError(f"the plugin {plugin.title} failed in reduce_gradients: {told(error)}") from error
            if result is not None:
                return dict(result)
        return None

    def _of(self, hook: str) -> list[tuple[Plugin, Any]]:
        if hook not in self._watchers:
            self._watchers[hook] = list(self._registry.callers(hook))
        return self._watchers[hook]

    def _observe(self, hook: str, **arguments: Any) -> None:
        for plugin, caller in list(self._of(hook)):
            try:
                caller(**arguments)
            except (Exception, SystemExit) as error:
                self._report(f"the plugin {plugin.title} failed in {hook} and is not called again: {told(error)}")
                self._watchers[hook] = [w for w in self._watchers[hook] if w[0] is not plugin]
