"""Kept histories replay on today's shell: journeys live for years, and code changes under them."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from runtime.keyring import Keyring
from runtime.temporal import handslag_plugin
from workflows.journey import JourneyWorkflow

FOLDER = Path(__file__).parent
HISTORIES = sorted((FOLDER / "histories").glob("*.json"))


def replayer() -> Replayer:
    """Today's shell, with the key that the histories were sealed with."""
    plugin = handslag_plugin(Keyring.load(FOLDER / "keyring.json"))
    return Replayer(workflows=[JourneyWorkflow], plugins=[plugin])


def history(path: Path) -> WorkflowHistory:
    """A kept history."""
    return WorkflowHistory.from_json(path.stem, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_a_kept_history_replays(path: Path) -> None:
    result = await replayer().replay_workflow(history(path), raise_on_replay_failure=False)

    assert result.replay_failure is None


def test_there_are_histories_to_replay() -> None:
    assert {path.stem for path in HISTORIES} == {"silence", "question", "no_need"}


async def test_a_history_that_does_not_fit_is_noticed() -> None:
    """Proof that the test can fail: a history whose recorded answers are gone."""
    path = next(p for p in HISTORIES if p.stem == "silence")
    kept = history(path)
    events = [e for e in kept.events if not e.HasField("marker_recorded_event_attributes")]
    broken = WorkflowHistory(kept.workflow_id, events)

    result = await replayer().replay_workflow(broken, raise_on_replay_failure=False)

    assert result.replay_failure is not None
