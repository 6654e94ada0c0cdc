"""The result of rendering: a document, and warnings for the host to check before it is sent."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Rendered(Generic[T]):
    """A document in one output format, with warnings that are shown to the host only."""

    document: T
    warnings: tuple[str, ...]
