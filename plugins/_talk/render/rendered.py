"""What rendering gives: a document, and what a host should look at before it goes out."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Rendered(Generic[T]):
    """A document in one of its forms, with the warnings that go to the host only."""

    document: T
    warnings: tuple[str, ...]
