"""The in-app inbox: a message stands where the unit looks."""

from typing import Protocol

from domain.notice import Notice


class Shelf(Protocol):
    """Where inbox messages are put."""

    async def put_in_inbox(self, notice: Notice) -> None:
        """Put it there; twice is once."""
        ...


class InboxChannel:
    """Delivers to the inbox of a function at a unit."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    async def send(self, notice: Notice) -> None:
        """Deliver."""
        await self._shelf.put_in_inbox(notice)
