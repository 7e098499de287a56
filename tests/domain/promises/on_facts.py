"""What happens to the patient, and what happens to units."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain import command as cmd
from domain.facts import Closing, Guardian, Protection, SafetyNet
from domain.journey import Role
from domain.part import COORDINATION
from domain.patient import identify
from domain.unit import Closure, Standing, Unit
from tests.domain.promises.cast import ACTORS, MOSTLY, SELDOM
from tests.domain.promises.world import World
from tests.samples import ALICE, BOB, HEALTH_CENTRE, unit

PERSON = identify("194408139089", "Testpatient 01")
RELAYING = "SE0000000000-TESTRVMMED9"  # another journey's unit, that this one has never met


class OnFacts(World):
    """Leaving, hospital, death, moving, protection, identity, guardians."""

    @rule(data=st.data(), hours=st.integers(-1, 30), net=SELDOM)
    def the_patient_leaves(self, data: st.DataObject, hours: int, net: bool) -> None:
        """At an hour when it was, or was not yet; with somebody who calls, or nobody."""
        command = cmd.RecordDeparture(
            at=self.now - timedelta(hours=hours),
            to="hemmet",
            safety_net=self._net(5) if net else None,
        )
        by = data.draw(st.sampled_from((ALICE, ALICE, BOB, HEALTH_CENTRE, self.holder(data))))
        self.do(command, by)

    @precondition(lambda self: self.current is not None and self.state.departure)
    @rule(data=st.data(), rightly=MOSTLY, hours=st.integers(-2, 48))
    def somebody_calls_who_has_left(self, data: st.DataObject, rightly: bool, hours: int) -> None:
        """Who calls, and that the call was made."""
        outcome = data.draw(st.sampled_from(["well", "needs_help", "no_answer"]))
        again = None if outcome == "well" and rightly else self.now + timedelta(hours=hours)
        commands: list[cmd.Command] = [
            cmd.RecordSafetyNet(safety_net=self._net(hours)),
            cmd.RecordSafetyCall(at=self.now, outcome=outcome, next_call_at=again),
        ]
        by = self.somebody(data, rightly, self.holder(data))
        self.do(data.draw(st.sampled_from(commands)), by)

    @rule(data=st.data(), rightly=MOSTLY, hours=st.integers(-1, 48))
    def the_patient_is_in_hospital(self, data: st.DataObject, rightly: bool, hours: int) -> None:
        """Admitted again, or ready again."""
        at = self.now - timedelta(hours=hours)
        admitted = self.state.admitted is not None
        command = cmd.RecordReady(at=at) if admitted == rightly else cmd.RecordAdmission(at=at)
        self.do(command, self.somebody(data, rightly, self.holder(data)))

    @rule(data=st.data(), hours=st.integers(-1, 48), relayed=MOSTLY)
    def another_journey_of_the_patient_says_something(
        self, data: st.DataObject, hours: int, relayed: bool
    ) -> None:
        """A fact to judge, a protection that is raised; and what nobody may say from there."""
        at = self.now - timedelta(hours=hours)
        commands: list[cmd.Command] = [
            cmd.ReportFact(fact="record_admission"),
            cmd.ChangeProtection(at=at, protection=data.draw(st.sampled_from(list(Protection)))),
            cmd.RecordAdmission(at=at),
            cmd.RecordDeath(at=at),
        ]
        before = self.current
        self.do(data.draw(st.sampled_from(commands)), RELAYING, relayed=relayed)
        if before is not None:
            assert self.state.protection.rank >= before.protection.rank
            assert (self.state.deceased_at, self.state.admitted) == (
                before.deceased_at,
                before.admitted,
            )

    @precondition(lambda self: self.current is not None and self.state.protected)
    @rule(really=SELDOM)
    def the_named_group_lifts_the_mask(self, really: bool) -> None:
        """For Alice's group alone."""
        group = unit(ALICE).protected_group
        none = cmd.ChangeProtection(at=self.now, protection=Protection.NONE)
        if really:
            self.do(none, ALICE, subject=group[0])

    @precondition(lambda self: self.current is not None and self.state.deceased_at is None)
    @rule(data=st.data(), really=SELDOM, rightly=MOSTLY, hours=st.integers(-1, 48))
    def the_patient_dies(
        self, data: st.DataObject, really: bool, rightly: bool, hours: int
    ) -> None:
        """Recorded some time after it happened."""
        command = cmd.RecordDeath(at=self.now - timedelta(hours=hours))
        if really:
            self.do(command, self.somebody(data, rightly, self.holder(data)))

    @precondition(lambda self: self.current is not None and self.state.deceased_at)
    @rule(data=st.data(), really=SELDOM, rightly=MOSTLY)
    def a_death_is_undone_or_seen_to(
        self, data: st.DataObject, really: bool, rightly: bool
    ) -> None:
        """It was a mistake, mostly: so that the journey goes on."""
        done = tuple(Closing) if rightly else (Closing.UNITS_INFORMED,)
        closing, undo = cmd.ConfirmClosing(done=done), cmd.UndoDeath(reason="Fel person.")
        holder = self.state.holder(COORDINATION)
        self.do(closing if really else undo, self.somebody(data, rightly, holder))

    @rule(data=st.data(), rightly=MOSTLY, hours=st.integers(-1, 48))
    def something_about_the_patient_changes(
        self, data: st.DataObject, rightly: bool, hours: int
    ) -> None:
        """Address, protection, identity, guardians."""
        at = self.now - timedelta(hours=hours)
        town = data.draw(st.sampled_from(["1980", "1981", "1904"]))
        consents = data.draw(st.sampled_from([True, True, None, False]))
        commands: list[cmd.Command] = [
            cmd.RecordMove(at=at, municipality=town),
            cmd.ChangeProtection(at=at, protection=data.draw(st.sampled_from(list(Protection)))),
            cmd.Identify(patient_id=data.draw(st.sampled_from(["p-2", "p-3"])), patient=PERSON),
            cmd.RecordGuardians(
                guardians=(
                    Guardian(label="Vårdnadshavare 1", consents=True),
                    Guardian(label="Vårdnadshavare 2", consents=consents),
                )
            ),
        ]
        by = self.somebody(data, rightly, self.holder(data))
        self.do(data.draw(st.sampled_from(commands)), by)

    def _net(self, hours: int) -> SafetyNet:
        at = self.now + timedelta(hours=hours)
        return SafetyNet(caller="Sjuksköterska 1", call_at=at, number="021-12345")


class OnUnits(World):
    """Units close, get or lose a system, change who calls for them, and go up in others."""

    @rule(data=st.data(), rightly=MOSTLY)
    def a_unit_changes(self, data: st.DataObject, rightly: bool) -> None:
        """A journey that knows it is told."""
        known = list(self.state.units.values())
        chosen = data.draw(st.sampled_from(known)) if rightly else unit(BOB)
        changed = self._changed(data, chosen)
        version = chosen.version + (1 if rightly else 0)
        changed = changed.model_copy(update={"version": version})
        command = cmd.AdoptUnit(unit=changed, stand_ins=self.stand_ins(changed))
        role = Role.CATALOGUE if rightly else Role.COORDINATOR
        self.do(command, chosen.hsa_id, role=role)

    @precondition(lambda self: len(self.log) > 25)
    @rule(data=st.data(), really=SELDOM, rightly=MOSTLY)
    def a_unit_goes_up_in_another(self, data: st.DataObject, really: bool, rightly: bool) -> None:
        """Everything that it held, owed and awaited goes along."""
        if not really:
            return
        known = [u.hsa_id for u in self.state.units.values() if u.successor is None]
        old = data.draw(st.sampled_from(known if rightly else ACTORS))
        others = [a for a in ACTORS if a != old and not self.unit(a).successor]
        if others:
            heir = self.unit(data.draw(st.sampled_from(others)))
            command = cmd.Succeed(old=old, to=heir, stand_ins=self.stand_ins(heir))
            self.do(command, old, role=Role.CATALOGUE if rightly else Role.COORDINATOR)

    def _changed(self, data: st.DataObject, chosen: Unit) -> Unit:
        today = self.now.date()
        others = [a for a in ACTORS if a != chosen.hsa_id]
        other = data.draw(st.sampled_from(others))
        days = timedelta(days=data.draw(st.integers(0, 20)))
        closure = Closure(first=today, last=today + days, covered_by=other, reason="Semester")
        yes = Standing(part="rehab", organisation="rvm", takes_over="now")
        changes: list[dict[str, object]] = [
            {"closures": (closure,)},
            {"closures": ()},
            {"connected": not chosen.connected},
            {"proxy_owner": other},
            {"standing": (yes,)},
            {"hours": ()},
        ]
        return chosen.model_copy(update=data.draw(st.sampled_from(changes)))
