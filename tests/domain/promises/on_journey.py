"""What is done with the journey and its steps."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from domain import command as cmd
from domain.clock import ClockKind
from domain.content import (
    CloseDecision,
    CloseReason,
    Initiator,
    NewPeriod,
    Referral,
    RestUntil,
    StepContent,
)
from domain.delay import Delay, DelayReason, Pause
from domain.handover import WithdrawReason
from domain.instrument import Measurement
from domain.part import COORDINATION
from domain.patient import identify
from domain.profession import Profession
from domain.value import Labels
from tests import samples
from tests.domain.promises.cast import ACTORS, BEGINNINGS, MOSTLY, PATHWAYS, SELDOM, SPANS
from tests.domain.promises.world import World
from tests.samples import ALICE, HEALTH_CENTRE, working_days

WORK = ("assessment", "plan", "intervention", "follow_up")
LATE = Delay(reason=DelayReason.NO_CAPACITY, profession=Profession.LOG)


class OnJourney(World):
    """Its start, its steps, its deviations, its end; and time."""

    @initialize(
        now=BEGINNINGS, key=PATHWAYS, planned=MOSTLY, asked=SELDOM, before=SELDOM, nameless=SELDOM
    )
    def somebody_starts_a_journey(
        self, now: datetime, key: str, planned: bool, asked: bool, before: bool, nameless: bool
    ) -> None:
        """By referral to Alice's unit, or by the patient to an intake; perhaps at a later step."""
        self.now = now
        self.intake = HEALTH_CENTRE if asked else ALICE
        done = cmd.Prior(step="assessment", ended_on=now.date() - timedelta(days=3), by="Annan ö")
        change: dict[str, Any] = {"prior": (done,)} if before else {}
        if nameless:
            change["patient"] = identify("98240301AA06", "Testpatient 03")
        if asked:
            change["referral"] = Referral(reason="Vill träna.", initiator=Initiator.PATIENT)
        start = samples.start(self.intake, samples.pathway(key), **change)

        assert self.do(start, ALICE)
        if planned:
            contents = {"assessment": samples.assessment(), "plan": samples.plan(now)}
            for step in ("plan",) if before else ("assessment", "plan"):
                assert self.do(cmd.CompleteStep(step=step, content=contents[step]), self.intake)

    @rule(data=st.data(), rightly=MOSTLY)
    def somebody_completes_a_step(self, data: st.DataObject, rightly: bool) -> None:
        """With content that fits, or not."""
        key, kind, holder = self.some_step(data, rightly, *WORK)
        if not rightly:
            kind = data.draw(st.sampled_from(WORK))
            holder = data.draw(st.sampled_from(ACTORS))

        self.do(cmd.CompleteStep(step=key, content=self._content(data, kind, rightly)), holder)

    @rule(data=st.data(), rightly=MOSTLY)
    def somebody_skips_a_step(self, data: st.DataObject, rightly: bool) -> None:
        """One that may be left out, or not."""
        key, _, holder = self.some_step(data, rightly, "plan", "intervention", "handover")

        self.do(cmd.SkipStep(step=key, reason="Behövs inte."), holder)

    @rule(data=st.data(), hours=st.integers(-2, 48))
    def somebody_records_a_visit(self, data: st.DataObject, hours: int) -> None:
        """In the past, or not quite."""
        key, _, holder = self.some_step(data, True, "intervention")
        visit = samples.visit(self.now - timedelta(hours=hours))

        self.do(cmd.RecordVisit(step=key, visit=visit), holder)

    @rule(data=st.data(), rightly=MOSTLY, days=st.integers(-3, 400))
    def somebody_deviates(self, data: st.DataObject, rightly: bool, days: int) -> None:
        """More time, once more, one step more, or why it comes late."""
        key, _, holder = self.some_step(data, rightly, *WORK, "handover")
        steps = [s.key for s in self.state.steps.values()]
        until = self.now.date() + timedelta(days=days)
        due = working_days(max(days, 0))
        commands: list[cmd.Command] = [
            cmd.ExtendStep(step=key, until=until, reason="Väntar på hjälpmedel.", delay=LATE),
            cmd.ReopenStep(step=data.draw(st.sampled_from(steps)), reason="Nytt besked."),
            cmd.AddStep(
                key=data.draw(st.sampled_from(["swallowing", "home_visit", "plan"])),
                kind=data.draw(st.sampled_from(["assessment", "intervention"])),
                label=Labels(sv="Extra", en="Extra"),
                part=data.draw(st.sampled_from(list(self.state.parts))),
                due=due,
                reason="Behövs för just den här patienten.",
            ),
            cmd.RecordDelay(
                subject=data.draw(st.sampled_from([key, *self.state.handovers])), delay=LATE
            ),
        ]

        self.do(data.draw(st.sampled_from(commands)), self.somebody(data, rightly, holder))

    @rule(data=st.data(), rightly=MOSTLY, hours=st.integers(-1, 72))
    def the_patient_waits_or_asks(self, data: st.DataObject, rightly: bool, hours: int) -> None:
        """Waiting that begins and ends, an answer to who asked, guidance that was opened."""
        then = self.now - timedelta(hours=hours)
        steps = [s.key for s in self.state.steps.values()]
        commands: list[cmd.Command] = [
            cmd.EndWaiting(at=then)
            if self.state.waiting and rightly
            else cmd.BeginWaiting(why=Pause.PATIENT_CHOICE, since=then),
            cmd.AnswerPerson(at=then, by="phone", answer="Välkommen på bedömning."),
            cmd.OpenGuidance(step=data.draw(st.sampled_from(steps))),
        ]

        owed = self.state.clock(ClockKind.PERSON_ANSWER, COORDINATION)
        command = data.draw(st.sampled_from(commands))
        if owed is not None and owed.running and rightly:
            command = commands[1]
        self.do(command, self.somebody(data, rightly, self.state.holder(COORDINATION)))

    @precondition(lambda self: len(self.log) > 60)
    @rule(data=st.data(), seldom=SELDOM, rightly=MOSTLY)
    def somebody_ends_it(self, data: st.DataObject, seldom: bool, rightly: bool) -> None:
        """A new period, the end, or a duplicate that is taken in or gives way."""
        if not seldom:
            return
        coordinator = self.somebody(data, rightly, self.state.holder(COORDINATION))
        for handover in tuple(self.state.handovers.values()):
            if rightly and handover.open and not handover.taken_over_at:
                wrong = cmd.Withdraw(handover_id=handover.id, reason=WithdrawReason.WRONG_PATIENT)
                self.do(wrong, handover.from_unit)
        holders = dict.fromkeys(self.state.parts, ALICE) if rightly else {}
        commands: list[cmd.Command] = [
            cmd.StartPeriod(reason="Nytt behov."),
            cmd.Absorb(duplicate="j-2" if rightly else "j-1", reason="Dubblett."),
            cmd.Close(reason=CloseReason.OTHER_PLAN),
            cmd.Merge(into="j-3", reason="Dubblett.", holders=holders),
        ]
        self.do(data.draw(st.sampled_from(commands)), coordinator)

    @rule(span=SPANS)
    def nobody_looks_for_a_while(self, span: timedelta) -> None:
        """And then somebody does."""
        self.time_passes(span)

    @precondition(lambda self: self.current is not None and any(self.state.running()))
    @rule()
    def the_next_moment_comes(self) -> None:
        """Somebody looks just in time."""
        self.the_moment_comes()

    def _content(self, data: st.DataObject, kind: str, rightly: bool) -> StepContent:
        wrong = (Measurement(instrument="katz", score="H"),)
        scores: dict[str, Any] = {} if rightly else {"measurements": wrong}
        if kind == "assessment":
            return samples.assessment(need=data.draw(MOSTLY), **scores)
        if kind == "plan":
            return samples.plan(self.now, goals=2 if rightly else data.draw(st.integers(0, 8)))
        if kind == "intervention":
            return samples.intervention(**scores)
        days = data.draw(st.integers(1, 400) if rightly else st.integers(-1, 4000))
        until = self.now.date() + timedelta(days=days + 1)
        then: list[CloseDecision | NewPeriod | RestUntil] = [
            *(NewPeriod(), RestUntil(until=until)) * 2,
            CloseDecision(reason=CloseReason.GOALS_MET),
        ]
        return samples.follow_up(data.draw(st.sampled_from(then)), **scores)
