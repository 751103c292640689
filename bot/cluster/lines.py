"""A stream of bytes -> lines."""

#: etcd takes objects of 1.5 MiB; a line this long is no event
LONGEST = 16 * 2**20


class TooLong(Exception):  # noqa: N818 - says what the line is
    """A line without an end."""


class Lines:
    """
    Cuts a stream at its line ends, wherever its pieces begin and end.

    What follows the last line end is half an event, and never given out.
    """

    def __init__(self) -> None:
        self._held: list[bytes] = []  # joined once: a line of megabytes comes in many pieces
        self._size = 0

    def feed(self, piece: bytes) -> list[bytes]:
        """
        Give the lines that this piece completes, without empty ones.

        Raises:
            TooLong: a line has more than LONGEST bytes.

        """
        *lines, rest = piece.split(b"\n")
        if lines:
            lines[0] = b"".join((*self._held, lines[0]))
            self._held, self._size = [], 0
        self._held.append(rest)
        self._size += len(rest)
        if self._size > LONGEST:
            raise TooLong(f"more than {LONGEST} bytes")
        return [line for line in lines if line]
