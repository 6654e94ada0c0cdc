"""The registry of delivery kinds: feature plugins fill it, the deliverer reads it."""

from plugins._talk.deliveries import Kind

kinds: dict[str, Kind] = {}


def add_kind(kind: Kind) -> None:
    """Register a kind of delivery. Raises ValueError when its name is taken."""
    if kind.name in kinds:
        raise ValueError(f"two kinds of delivery called {kind.name}")
    kinds[kind.name] = kind
