"""Another version of the pathway while the journey runs, and back again."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain import command as cmd
from domain.command import Choices, LateStep
from domain.journey import Role
from domain.pathway import Definition
from tests.domain.promises.cast import MOSTLY
from tests.domain.promises.world import World
from tests.samples import ALICE

CLOCKS = ("step:assessment", "step:plan", "step:intervention", "acknowledged:handover_rehab")
EXTRA = {
    "key": "meeting_more",
    "kind": "meeting",
    "label": {"sv": "Möte", "en": "Meeting"},
    "part": "rehab",
    "after": ["assessment"],
    "due": {"budget": {"amount": 5, "counting": "calendar_days"}, "source": "chosen"},
}


class OnMigration(World):
    """A designer publishes a version, and moves who runs already; or regrets it."""

    @precondition(lambda self: self.state.open)
    @rule(data=st.data(), rightly=MOSTLY)
    def another_version_comes(self, data: st.DataObject, rightly: bool) -> None:
        """With other times, and perhaps a step more."""
        choices = Choices(
            recompute=tuple(data.draw(st.sets(st.sampled_from(CLOCKS)).map(sorted))),
            late_steps={"meeting_more": data.draw(st.sampled_from(LateStep))},
        )
        version = self._version(data, rightly)
        command = cmd.Migrate(migration=f"m-{version.version}", definition=version, choices=choices)
        self.do(command, ALICE, role=Role.CATALOGUE if rightly else Role.COORDINATOR)

    @precondition(lambda self: self.state.migrated is not None)
    @rule(rightly=MOSTLY)
    def a_version_is_regretted(self, rightly: bool) -> None:
        """As long as nothing of it has begun."""
        before = self.state.migrated
        assert before is not None
        command = cmd.UndoMigration(migration=before.migration if rightly else "another")
        self.do(command, ALICE, role=Role.CATALOGUE)

    def _version(self, data: st.DataObject, rightly: bool) -> Definition:
        given: dict[str, Any] = self.state.definition.model_dump(mode="json")
        given["version"] += 1 if rightly else 0
        for step in given["steps"]:
            step["due"]["budget"]["amount"] += data.draw(st.integers(0, 5))
        known = [s["key"] for s in given["steps"]]
        if EXTRA["key"] not in known and data.draw(st.booleans()):
            given["steps"].append(EXTRA)
        return Definition.model_validate(given)
