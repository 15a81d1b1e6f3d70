"""Public names: the package that they name as their module, and their import on first use.

A public class or function names its package as its module, so tracebacks, pickles and documentation
stay the same when its code moves inside the package.
"""

from __future__ import annotations

from collections.abc import Callable

TYPE_CHECKING = False  # importing typing takes as long as all that the core imports otherwise
if TYPE_CHECKING:
    from typing import Any


def publish(namespace: dict[str, Any], **later: str) -> Callable[[str], Any]:
    """Make the names of a package's `__all__` say that they live in the package.

    `later` gives a name its module, if that needs an extra or takes long to import: it is imported
    when the name is asked for. Return the package's `__getattr__`, which does that.
    """
    package: str = namespace["__name__"]

    def settle(name: str) -> None:
        value = namespace[name]
        if getattr(value, "__module__", package).startswith(f"{package}."):
            value.__module__ = package

    def get(name: str) -> Any:
        if name not in later:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        from importlib import import_module

        namespace[name] = getattr(import_module(f"{package}.{later[name]}"), name)
        settle(name)
        return namespace[name]

    for name in namespace["__all__"]:
        if name not in later:
            settle(name)
    return get
