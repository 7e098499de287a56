"""Just the stories that are told elsewhere; here `servers` means containers."""

from tests.stories.test_answers import *  # noqa: F403
from tests.stories.test_discharge import *  # noqa: F403
from tests.stories.test_silence import *  # noqa: F403
