"""The errors that kvgen raises on purpose; imports nothing."""


class KvgenError(Exception):
    """An error: the message names the bad value in quotes and what is allowed.

    ``hint`` is what to do next, where possible a command to type.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidAnswerError(KvgenError):
    """An answer that is unknown, illegal, or missing where there is nobody to ask."""


class ConflictError(KvgenError):
    """A write would replace something that kvgen may not replace."""
