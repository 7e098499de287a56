"""The hospital stay: what the ward says, what those say who were told, and quiet clocks."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain import command as cmd
from domain.rulebook import CareForm
from domain.stay import Effort, Episode, Given, RegionCare
from tests.domain.promises.cast import ACTORS, MOSTLY, RECEIVERS, REGION, SELDOM
from tests.domain.promises.world import World
from tests.samples import BOB, BOBS_HOME_HELP, BOBS_NURSES, HEALTH_CENTRE

EFFORTS = st.lists(st.sampled_from(list(Effort)), min_size=1, max_size=3, unique=True).map(tuple)
TOLD = (BOB, BOBS_HOME_HELP, BOBS_NURSES, HEALTH_CENTRE, *REGION)


def has_stay(world: World) -> bool:
    """The patient is, or was, in hospital during the journey."""
    return world.current is not None and bool(world.state.episodes)


class OnStay(World):
    """Messages of the act on discharge (2017:612), in and out of their order."""

    @precondition(lambda self: self.current is not None and self.state.admitted is None)
    @rule(data=st.data(), really=SELDOM, hours=st.integers(0, 60))
    def the_patient_comes_to_a_ward(self, data: st.DataObject, really: bool, hours: int) -> None:
        """With a judgement of what will be needed, of some form of care; perhaps told late."""
        if really and self.do(self._admission(data, hours), self.holder(data)):
            self._notify(data, self.state.episodes[-1], rightly=data.draw(MOSTLY))

    @precondition(has_stay)
    @rule(data=st.data(), rightly=MOSTLY, hours=st.integers(-2, 70))
    def the_ward_says_something(self, data: st.DataObject, rightly: bool, hours: int) -> None:
        """Of the stay that goes on, or of one that has ended."""
        stay, at = self.state.episodes[-1], self.now - timedelta(hours=hours)
        ahead = self.now + timedelta(hours=hours)
        given = data.draw(st.sampled_from([(), (Given.SUMMARY,), tuple(Given)]))
        commands: list[cmd.Command] = [
            cmd.JudgeAftercare(at=at, efforts=data.draw(EFFORTS)),
            cmd.EstimateDischarge(estimated_at=ahead, reason="Ny infektion."),
            cmd.RecordReady(at=at),
            cmd.WithdrawReady(at=at if rightly else ahead, reason="Feber."),
            cmd.GiveInformation(at=at, to="units"),
            cmd.GiveInformation(at=at, to="patient", given=given),
            self._region_care(data),
        ]
        by = self.somebody(data, rightly, stay.unit)
        if data.draw(SELDOM):
            self._notify(data, stay, rightly)
        else:
            self.do(data.draw(st.sampled_from(commands)), by)

    @precondition(has_stay)
    @rule(data=st.data(), rightly=MOSTLY)
    def who_was_told_of_the_stay_answers(self, data: st.DataObject, rightly: bool) -> None:
        """Those who may, and others."""
        newest = self.state.episodes[-1]
        numbers = [None, newest.number, newest.number] if rightly else [newest.number + 1, 1]
        number = data.draw(st.sampled_from(numbers))
        commands: list[cmd.Command] = [
            cmd.StartPlanning(stay=number),
            cmd.NameCareContact(stay=number, function="Sjuksköterska", phone="021-12345"),
            self._region_care(data).model_copy(update={"stay": number}),
        ]
        told = data.draw(st.sampled_from(newest.notified or ACTORS))
        self.do(data.draw(st.sampled_from(commands)), self.somebody(data, rightly, told))

    @rule(data=st.data(), hours=st.integers(0, 30), back=st.integers(0, 100))
    def a_stay_runs_its_course(self, data: st.DataObject, hours: int, back: int) -> None:
        """Told of, planned for, ready, taken back, ready again, home: as far as it comes."""
        if self.state.admitted is None:
            self.do(self._admission(data, back), self.holder(data))
        if self.state.admitted is None:
            return
        ward = self.state.admitted.unit
        self._notify(data, self.state.admitted, rightly=True)
        for command in self._course(back)[: data.draw(st.integers(1, 8))]:
            told = self.state.episodes[-1].notified or (BOB,)
            answers = isinstance(command, cmd.StartPlanning | cmd.NameCareContact)
            self.do(command, data.draw(st.sampled_from(told)) if answers else ward)
            if data.draw(SELDOM):
                self.time_passes(timedelta(hours=hours))

    def _course(self, back: int) -> list[cmd.Command]:
        estimated = self.now + timedelta(hours=back + 40)
        return [
            cmd.StartPlanning(),
            cmd.NameCareContact(function="Sjuksköterska", phone="021-12345"),
            cmd.EstimateDischarge(estimated_at=estimated, reason=None),
            cmd.RecordReady(at=self.now),
            cmd.WithdrawReady(at=self.now, reason="Feber."),
            cmd.RecordReady(at=self.now),
            cmd.RecordDeparture(at=self.now, to="hemmet"),
            cmd.GiveInformation(at=self.now, to="units"),
        ]

    @precondition(lambda self: self.current is not None and bool(self.state.clocks))
    @rule(data=st.data(), rightly=MOSTLY, hours=st.integers(-1, 200))
    def somebody_wants_to_hear_nothing_for_a_while(
        self, data: st.DataObject, rightly: bool, hours: int
    ) -> None:
        """Of a clock of the own unit's, or of others'."""
        clocks = list(self.state.running()) if rightly else list(self.state.clocks.values())
        if not clocks:
            return
        clock = data.draw(st.sampled_from(clocks))
        command = cmd.SnoozeClock(
            clock_id=clock.id if data.draw(MOSTLY) else "step:no",
            until=self.now + timedelta(hours=hours),
            reason="Väntar på besked.",
        )
        side = data.draw(st.sampled_from([clock.owner, clock.counterpart]))
        self.do(command, self.somebody(data, rightly, side))

    def _admission(self, data: st.DataObject, hours: int) -> cmd.RecordAdmission:
        form = data.draw(st.sampled_from(list(CareForm)))
        at = self.now - timedelta(hours=hours)
        return cmd.RecordAdmission(at=at, form=form, efforts=data.draw(EFFORTS))

    def _notify(self, data: st.DataObject, stay: Episode, rightly: bool) -> None:
        """Units that the journey may never have met."""
        there = [u for u in (TOLD if rightly else RECEIVERS) if not self.unit(u).successor]
        to = data.draw(st.lists(st.sampled_from(there or [BOB]), min_size=1, max_size=4))
        if rightly:
            to += [BOB, HEALTH_CENTRE]
        command = cmd.SendAdmissionNotice(
            to=tuple(self.unit(u) for u in dict.fromkeys(to)),
            estimated_at=self.now + timedelta(hours=data.draw(st.integers(0, 300))),
            by_hand=self.state.protected if rightly else data.draw(st.booleans()),
        )
        self.do(command, self.somebody(data, rightly, stay.unit))

    def _region_care(self, data: st.DataObject) -> cmd.StateRegionCare:
        said = data.draw(st.sampled_from(list(RegionCare)))
        reason = data.draw(st.sampled_from([None, "Läkare saknas."]))
        return cmd.StateRegionCare(region_care=said, reason=reason)
