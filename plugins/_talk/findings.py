"""What the doctor and the health page report: what is wrong, how bad it is, and how to mend it."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"  # somebody is needed now
    WARNING = "warning"  # somebody should look at it, some day


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be. `code` is for programs, `said` and `mend` for the operator."""

    code: str
    said: str
    mend: str
    severity: Severity = Severity.ERROR

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def as_data(self) -> dict[str, str]:
        """As JSON has it."""
        return {name: str(value) for name, value in asdict(self).items()}

    @classmethod
    def of(cls, data: Any) -> Self:
        """From such JSON. Raises KeyError, TypeError or ValueError."""
        return cls(str(data["code"]), str(data["said"]), str(data["mend"]), Severity(data["severity"]))
