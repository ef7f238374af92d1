"""From a name, or a name with settings, to an object of a registered kind."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from phosphene_core.errors import SettingError, unknown
from phosphene_core.options import build, nice_name, options_of
from phosphene_registry.kinds import kind_of
from phosphene_registry.spec import Spec, bare, parse

if TYPE_CHECKING:
    from phosphene_registry.catalogue import Catalogue, Entry


def resolve(catalogue: "Catalogue", kind: type, value: Any, setting: bool = False) -> Any:
    """An object of `kind` (a registered kind or a subclass of one).

    `value`: a registered name, `name:key=value,...`, or a mapping with "class" (as settings in files hold it) or "name"
    beside the settings. Text that means a model gives one with weights: from a file, or its embedded ones; as a `setting` of
    another thing also one that is described, `name:key=value,...`, and starts afresh. `PhospheneError` says what is wrong.
    """
    if isinstance(value, kind):
        return value
    try:
        name = kind_of(kind)
    except LookupError:
        raise SettingError(f"{nice_name(kind)} is no kind of thing that plugins register") from None
    if name == "model" and isinstance(value, str) and not (setting and _describes(catalogue, value)):
        from phosphene_registry.loading import load

        return load(catalogue, bare(value), kind).model
    if isinstance(value, str):
        return build_entry(catalogue, *find(catalogue, parse(value), name, kind))
    if isinstance(value, Mapping):
        settings = dict(value)
        if "class" in settings:
            wanted = settings.pop("class")
            classes = {e.cls.__name__: e for e in catalogue[name].values() if issubclass(e.cls, kind)}
            if wanted not in classes:
                raise unknown(name, wanted, classes)
            return build_entry(catalogue, classes[wanted], settings)
        if "name" in settings:
            spec = Spec(str(settings.pop("name")), settings)
            return build_entry(catalogue, *find(catalogue, spec, name, kind))
    raise SettingError(f"a {nice_name(kind)} is given by its name, not {value!r}")


def _describes(catalogue: "Catalogue", text: str) -> bool:
    """Whether text means a model by its settings alone: it gives some, or names one that brings no weights."""
    from phosphene_registry.loading import is_file

    if is_file(bare(text)):
        return False
    spec = parse(text)
    entry = catalogue["model"].get(spec.name)
    return bool(spec.settings or spec.first or (entry and not hasattr(entry.cls, "pretrained")))


def find(
    catalogue: "Catalogue", spec: Spec, kind: str, base: type | tuple[type, ...] | None = None
) -> tuple["Entry", dict[str, Any]]:
    """The entry that a spec names, and its settings (still text)."""
    entry = catalogue.get_entry(kind, spec.name, base)
    return entry, spec.settings_for(first_setting(entry.cls))


def first_setting(cls: type) -> str | None:
    """The setting that a value without a key stands for: `path` if there is one, or else the only required one."""
    names = [o.name for o in options_of(cls)]
    if "path" in names:
        return "path"
    required = [o.name for o in options_of(cls) if o.required]
    return required[0] if len(required) == 1 else names[0] if len(names) == 1 else None


def build_entry(catalogue: "Catalogue", entry: "Entry", settings: Mapping[str, Any]) -> Any:
    """An object of a registered class."""
    return build(entry.cls, settings, resolve=lambda k, v: resolve(catalogue, k, v, setting=True), where=entry.name)
