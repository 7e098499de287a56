"""The state follows what is recorded, whatever the rules would decide today."""

import pytest

from domain import event as ev
from domain.record import Outcome, StoreKnowsLess, Verdict, adopted, entry
from tests.samples import Case


def test_a_record_is_taken_over_as_it_was_written_not_as_it_would_be_decided_now() -> None:
    case = Case()
    before = case.state
    written = case.complete("assessment")
    without_the_plan = written[:1]

    state = adopted(before, Outcome(verdict=Verdict.RECORDED, events=without_the_plan))

    assert state is not None and state.seq == without_the_plan[-1].seq
    assert state.need is True


def test_events_that_the_journey_did_not_know_are_taken_over() -> None:
    case = Case()
    before = case.state
    unknown = case.complete("assessment")

    state = adopted(before, Outcome(verdict=Verdict.BEHIND, events=unknown))

    assert state == case.state


def test_a_store_that_knows_less_than_the_journey_is_not_overwritten() -> None:
    case = Case()

    with pytest.raises(StoreKnowsLess):
        adopted(case.state, Outcome(verdict=Verdict.BEHIND))


def test_a_record_names_the_sequence_that_it_counts_on() -> None:
    case = Case()
    before = case.state
    events = case.complete("assessment")

    record = entry(before, events, None)

    assert (record.expected_seq, record.answer) == (before.seq, None)
    assert isinstance(record.events[0].what, ev.StepCompleted)
