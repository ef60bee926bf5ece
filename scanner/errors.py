"""Every error that datascan raises on purpose.

DatascanError
├── DatasetError      the submitted data cannot be read as a dataset
├── BaseModelError    the base cannot be found, or is not what it was
├── BatteryError      a battery file says something it may not say
├── EngineError       an engine cannot start, or cannot go on
├── AuditError        an audit cannot go on
├── CalibrationError  a calibration cannot be made, or does not belong to this audit
├── ReportError       a results file cannot be read, or a report cannot be written
└── GateError         a result, a policy or a key cannot be used by the gate

Each message says where, what was found, what was expected, and what to do, in one line; the
command line prints it as it is and exits 2.
"""


class DatascanError(Exception):
    """Base of every error whose message is written for the user."""


class DatasetError(DatascanError):
    """The submitted data cannot be read as a dataset."""

    def __init__(
        self, path: object, line: int | None, *, found: str, expected: str, cure: str
    ) -> None:
        where = f"{path}, line {line}" if line is not None else f"{path}"
        super().__init__(f"{where}: found {found}; expected {expected}; {cure}")


class BaseModelError(DatascanError):
    """The base cannot be found, or is not what it was."""


class BatteryError(DatascanError):
    """A battery file says something it may not say."""


class EngineError(DatascanError):
    """An engine cannot start, or cannot go on."""


class AuditError(DatascanError):
    """An audit cannot go on."""


class CalibrationError(DatascanError):
    """A calibration cannot be made, or does not belong to this audit."""


class ReportError(DatascanError):
    """A results file cannot be read, or a report cannot be written."""


class GateError(DatascanError):
    """A result, a policy or a key cannot be used by the gate."""
