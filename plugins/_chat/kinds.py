"""The registry of delivery kinds: feature plugins fill it, the deliverer reads it."""

from plugins._talk.deliveries import Kind

kinds: dict[str, Kind] = {}


def add_kind(kind: Kind) -> None:
    """Register a kind of delivery. Raises ValueError when its name is taken."""
    if kind.name in kinds:
        raise ValueError(f"two kinds of delivery called {kind.name}")
    kinds[kind.name] = kind


def kind_called(words: str) -> Kind | None:
    """The kind that people mean by its name or by what it is called."""
    return next((kind for kind in lasting() if words.casefold().strip() in (kind.name, kind.called)), None)


def lasting() -> list[Kind]:
    """The kinds that may be said again."""
    return [kind for kind in kinds.values() if not kind.fleeting]
