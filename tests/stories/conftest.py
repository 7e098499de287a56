"""Stories may need people whom the demo does not have."""

from collections.abc import AsyncIterator

import pytest

from tests.stories.cast import Cast
from tests.world import World


@pytest.fixture
async def cast(world: World) -> AsyncIterator[Cast]:
    """Staff of any unit, and units of the story's own."""
    opened = Cast(world)
    yield opened
    await opened.close()
