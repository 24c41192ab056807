"""Bytes that a client has sent and the parser has not read yet."""

_PIECE = 16_384  # bytes, at most
_HEAD_END = b"\r\n\r\n"


def is_piece(data: bytes) -> bool:
    """Whether the parser may have it as it is."""
    return len(data) <= _PIECE and data.count(_HEAD_END) < 2


class Backlog:
    """Received bytes in pieces: each piece has at most one end of a head, an empty line."""

    __slots__ = ("_at", "_data")

    def __init__(self) -> None:
        self._data, self._at = b"", 0

    def __len__(self) -> int:
        return len(self._data) - self._at

    def add(self, data: bytes) -> None:
        """Append what has come."""
        self._data, self._at = self._data[self._at :] + data, 0

    def take(self) -> bytes:
        """Return the next piece: up to the end of a head, or more where no other ends in it."""
        most = self._at + _PIECE
        first = self._data.find(_HEAD_END, self._at, most)
        end = first + len(_HEAD_END)
        if first < 0 or self._data.find(_HEAD_END, end, most) < 0:
            end = most
        piece = self._data[self._at : end]
        self._at += len(piece)
        if self._at == len(self._data):
            self._data, self._at = b"", 0
        return piece

    def give_back(self, data: bytes) -> None:
        """Put the end of a piece back to where it was."""
        self._data, self._at = data + self._data[self._at :], 0

    def clear(self) -> None:
        """Forget everything."""
        self._data, self._at = b"", 0
