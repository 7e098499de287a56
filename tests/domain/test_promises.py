"""The promises of the design hold whatever is done, by whomever, and whatever time it takes.

Random journeys: valid and invalid commands of every kind, by several units, between them minutes
and weeks, looked at in time or long after. Alice's unit sends, Bob's and others receive. Charlie's
unit is never sent anything and tries whatever the others do, in vain. What is done stands in
`promises/on_*.py`, what must hold in `happening.py`, `standing.py` and `offers.py`.
"""

from pathlib import Path

from hypothesis import settings

from tests.domain.promises.cast import COMMANDS
from tests.domain.promises.on_care import OnCare
from tests.domain.promises.on_facts import OnFacts, OnUnits
from tests.domain.promises.on_handovers import OnHandovers
from tests.domain.promises.on_journey import OnJourney
from tests.domain.promises.on_migration import OnMigration
from tests.domain.promises.on_stay import OnStay
from tests.domain.promises.world import DRAWN, TAKEN

WHAT_IS_DONE = ("on_*.py", "offers.py")
ALMOST_ALL = 0.8


class Promises(OnJourney, OnHandovers, OnFacts, OnUnits, OnCare, OnStay, OnMigration):
    """One journey, driven at random; after each step every promise is looked at."""


class TestPromises(Promises.TestCase):  # type: ignore[misc, valid-type]
    """Many such journeys."""

    settings = settings.get_profile("promises")

    def runTest(self) -> None:
        """Chance may leave a command out of one run; not a whole kind of them."""
        super().runTest()
        assert len(DRAWN) > ALMOST_ALL * len(COMMANDS)
        assert len(TAKEN) > ALMOST_ALL * len(COMMANDS)


def test_every_command_that_there_is_is_drawn() -> None:
    files = [p for name in WHAT_IS_DONE for p in Path(__file__).parent.glob(f"promises/{name}")]
    done = "".join(path.read_text(encoding="utf-8") for path in files)

    forgotten = [c.__name__ for c in COMMANDS if f"cmd.{c.__name__}(" not in done]

    # The start is drawn by its sample, and sendings by theirs.
    assert sorted(forgotten) == ["Send", "Start"]
    assert "samples.start(" in done and "samples.send(" in done
