"""Exceptions: one base, four families, and defects of our own."""

from __future__ import annotations


class Error(Exception):
    """What samebits could not do. ``code`` is stable, ``help`` says what to do next."""

    code: str
    help: str

    def __init__(self, message: str, code: str = "other", help: str = "") -> None:
        # All three are arguments, so that an exception survives a pickle.
        super().__init__(message, code, help)
        self.code = code
        self.help = help

    def __str__(self) -> str:
        return str(self.args[0])


class InputError(Error):
    """What was asked or given."""


class DamagedError(Error):
    """The evidence itself is broken."""


class TooNewError(Error):
    """Written by a later release."""


class MachineError(Error):
    """The machine or the build lacks something."""


class InternalError(Error):
    """A defect of samebits."""
