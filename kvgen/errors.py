"""The errors that kvgen raises on purpose: the ground floor, which imports nothing."""


class KvgenError(Exception):
    """What is wrong, with the value in quotes and what is allowed; exit status 1.

    ``hint`` is what to do next, where possible a command to type.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidAnswerError(KvgenError):
    """An unknown or illegal answer, or one that is missing without a terminal; exit status 2."""

    exit_code = 2


class ConflictError(KvgenError):
    """What is to be written meets something that kvgen may not replace."""
