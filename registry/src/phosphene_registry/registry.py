"""The registry: plugins, each loaded by itself, and the catalogue of what they register."""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pluggy

from phosphene_core import hooks
from phosphene_core.errors import unknown
from phosphene_registry import discovery, kinds
from phosphene_registry.catalogue import Catalogue, Entry
from phosphene_registry.plugin import Candidate, Plugin, State, told
from phosphene_registry.resolver import resolve


class Registry:
    """The plugins of one program run, and what they registered. There is no global one.

    `plugins`: modules (or objects with hook implementations) that are handed over. `discover`: load what is installed,
    too. `disable`: plugin names to leave out, besides those in `PHOSPHENE_DISABLE`. `load`: names of further modules.

    A plugin that cannot be imported or that registers something wrong is broken: it keeps its reason, none of its names
    count, and the rest work. Of two that claim one name the first keeps it: installed ones by distribution name, then
    `plugins`, then `load`.
    """

    def __init__(
        self,
        plugins: Iterable[Any] = (),
        discover: bool = True,
        disable: Iterable[str] = (),
        load: Iterable[str] = (),
    ) -> None:
        self.plugins: dict[str, Plugin] = {}
        self.catalogue = Catalogue(self)
        self._manager = _manager()
        self._collected: dict[str, dict[tuple[str, str], type]] = {}
        self._entries: dict[str, dict[str, Entry]] = {}
        candidates = discovery.installed() if discover else []
        candidates += [p if isinstance(p, Candidate) else discovery.handed_over(_name(p), p) for p in plugins]
        candidates += [discovery.by_module(name) for name in load]
        names = {c.name for c in candidates}
        for name in disable:
            if name not in names:
                raise unknown("plugin", name, names)
        leave = {*disable, *discovery.disabled_by_environment()}
        for candidate in candidates:
            self._add(candidate, candidate.name in leave)
        for name in load:
            self._import(self.plugins[name])

    def entries(self, kind: str) -> Mapping[str, Entry]:
        """Everything registered of a kind, by name, in alphabetical order."""
        if kind not in self._entries:
            for plugin, _ in self.callers(kinds.hook_of(kind)):
                self._register(plugin)
            table: dict[str, Entry] = {}
            for plugin_name, collected in self._in_order():
                plugin = self.plugins[plugin_name]
                for (its_kind, name), cls in collected.items():
                    if its_kind != kind:
                        continue
                    if name in table:
                        keeper = table[name].plugin.title
                        plugin.notes.append(f"the {kind} '{name}' stays with {keeper}; {plugin.title} claims it too")
                    else:
                        table[name] = Entry(kind, name, cls, plugin)
            self._entries[kind] = dict(sorted(table.items()))
        return self._entries[kind]

    def load_all(self) -> None:
        """Ask every plugin for everything: only then is each one's state known."""
        for plugin in self.plugins.values():
            self._import(plugin)
        for kind in kinds.KINDS:
            self.entries(kind)
        for plugin, caller in self.callers("describe_state"):
            try:
                plugin.notes += [n for n in caller() if n not in plugin.notes]
            except Exception as error:
                plugin.notes.append(f"describe_state failed: {told(error)}")

    def entries_of(self, plugin: Plugin) -> list[Entry]:
        """What a plugin registered, and keeps."""
        return [e for kind in kinds.KINDS for e in self.entries(kind).values() if e.plugin is plugin]

    def plugin(self, name: str) -> Plugin:
        """The plugin called `name`, whatever its state; `NotFoundError` proposes others."""
        if name not in self.plugins:
            raise unknown("plugin", name, self.plugins)
        return self.plugins[name]

    def called(self, name: str) -> list[Entry]:
        """What is registered as `name`, of any kind; `NotFoundError` proposes others."""
        found = [e for kind in kinds.KINDS for e in self.entries(kind).values() if e.name == name]
        if not found:
            every = {e for kind in kinds.KINDS for e in self.entries(kind)}
            raise unknown("plugin, and nothing in one,", name, sorted({*self.plugins, *every}))
        return found

    def resolve(self, kind: type, value: Any) -> Any:
        """An object of a registered kind from a name, `name:key=value,...`, or {"class": ..., ...}; the resolver that
        `phosphene_core.options.build` takes."""
        return resolve(self.catalogue, kind, value)

    def callers(self, hook: str) -> Iterator[tuple[Plugin, Any]]:
        """Each working plugin that implements `hook`, with a function that calls its implementation alone."""
        for plugin in self.plugins.values():
            if plugin.candidate.may_implement(hook):
                self._import(plugin)
        for plugin in self.plugins.values():
            if (caller := self._caller(plugin, hook)) is not None:
                yield plugin, caller

    def _caller(self, plugin: Plugin, hook: str) -> Any:
        """What calls a plugin's implementation of `hook` alone; None if it has none, or does not work."""
        implementers = {i.plugin_name for i in getattr(self._manager.hook, hook).get_hookimpls()}
        if plugin.state != State.OK or plugin.name not in implementers:
            return None
        others = [m for m in self._manager.get_plugins() if m is not plugin.module]
        return self._manager.subset_hook_caller(hook, others)

    def drop(self, plugin: Plugin, reason: str, error: BaseException | None = None) -> None:
        """Mark a plugin as broken and take back what it registered."""
        plugin.fail(reason, error)
        self._collected.pop(plugin.name, None)
        self._entries.clear()

    def _in_order(self) -> list[tuple[str, dict[tuple[str, str], type]]]:
        return [(n, self._collected[n]) for n in self.plugins if n in self._collected]

    def _add(self, candidate: Candidate, disabled: bool) -> None:
        plugin = Plugin(candidate.name, candidate, State.DISABLED if disabled else State.OK)
        if plugin.name in self.plugins:
            first = self.plugins[plugin.name]
            plugin.fail(f"its name is taken: {first.title} comes first, {plugin.title} is left out")
            plugin.name = f"{plugin.name} ({plugin.distribution or len(self.plugins)})"
        self.plugins[plugin.name] = plugin

    def _import(self, plugin: Plugin) -> None:
        """Import a plugin, if that is still to be done; a failure makes it broken."""
        if plugin.module is not None or plugin.state != State.OK:
            return
        try:
            module = plugin.candidate.load()
        except (Exception, SystemExit) as error:
            plugin.fail(f"cannot be imported: {told(error)}", error)
            return
        try:
            trial = _manager()  # a plugin with a wrong hook must not be half registered
            with warnings.catch_warnings(record=True) as announced:  # pluggy warns of hooks that are deprecated
                warnings.simplefilter("always")
                trial.register(module, plugin.name)
            plugin.notes += [str(w.message) for w in announced]
            _no_misspelt_hooks(trial, module)
            trial.check_pending()
            with warnings.catch_warnings(action="ignore"):
                self._manager.register(module, plugin.name)
        except Exception as error:
            plugin.fail(f"its hooks do not fit: {told(error)}", error)
            return
        plugin.module = module

    def _register(self, plugin: Plugin) -> None:
        """Ask one plugin for everything that it registers: all of it counts, or nothing."""
        if plugin.name in self._collected:
            return
        collected: dict[tuple[str, str], type] = {}
        for kind in kinds.KINDS:
            hook = kinds.hook_of(kind)
            if (caller := self._caller(plugin, hook)) is None:
                continue
            try:
                caller(register=kinds.collector(kind, collected))
            except (Exception, SystemExit) as error:
                reason = str(error) if isinstance(error, kinds.RegistrationError) else told(error)
                self.drop(plugin, f"{hook} failed: {reason}", error)
                return
        self._collected[plugin.name] = collected


def _manager() -> pluggy.PluginManager:
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    return manager


def _no_misspelt_hooks(manager: pluggy.PluginManager, module: Any) -> None:
    known = [n for n in vars(manager.hook) if getattr(manager.hook, n).has_spec()]
    for caller in manager.get_hookcallers(module) or ():
        if not caller.has_spec() and not all(i.optionalhook for i in caller.get_hookimpls()):
            raise unknown("hook", caller.name, known)


def _name(plugin: Any) -> str:
    """The name of a plugin that was handed over: a module's own, or its class's."""
    return str(getattr(plugin, "__name__", None) or getattr(plugin, "name", None) or type(plugin).__name__)
