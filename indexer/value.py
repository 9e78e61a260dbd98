"""Values: frozen records with fields by name, as `dataclasses` makes them, for what a search imports.

To import `dataclasses` and to let it write a few dozen classes takes a third of the time of a whole search.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self, dataclass_transform


@dataclass_transform(frozen_default=True)
class Value:
    """What inherits from this has the fields that it annotates, in that order, with defaults where they are given.

    >>> class Point(Value):
    ...     x: int
    ...     y: int = 0
    >>> Point(1), Point(1) == Point(x=1, y=0), Point(1).changed(y=2)
    (Point(x=1, y=0), True, Point(x=1, y=2))
    """

    _names: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls) -> None:
        cls._names = tuple(cls.__annotations__)
        setattr(cls, "__match_args__", cls._names)  # noqa: B010  # mypy knows it of the decorator

    def __init__(self, *values: object, **named: object) -> None:
        names = self._names
        if len(values) > len(names):
            raise TypeError(f"{type(self).__name__} has {len(names)} fields, not {len(values)}")
        held = self.__dict__
        held.update(zip(names, values, strict=False), **named)
        if len(held) < len(names):
            kind = type(self)
            missing = [name for name in names if name not in held and not hasattr(kind, name)]
            if missing:
                raise TypeError(f"{kind.__name__} needs {missing[0]}")
            for name in names:
                if name not in held:
                    held[name] = getattr(kind, name)
        if len(held) != len(names):
            raise TypeError(f"{type(self).__name__} has no such fields: {sorted(held.keys() - set(names))}")

    def changed(self, **fields: object) -> Self:
        """Give the same with other values of some fields."""
        return type(self)(**{**self.__dict__, **fields})

    def as_dict(self) -> dict[str, Any]:
        """Give the fields by name, in their order."""
        return {name: self.__dict__[name] for name in self._names}

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is not changed once it is made")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *(self.__dict__[name] for name in self._names)))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={self.__dict__[name]!r}" for name in self._names)
        return f"{type(self).__qualname__}({fields})"
