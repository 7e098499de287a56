"""Plans, meetings and the SIP, and the thread between holders."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain import command as cmd
from domain.meeting import (
    MeetingKind,
    MeetingOutcome,
    MeetingState,
    SipContent,
    SipItem,
    Summons,
)
from domain.plan import PlanState
from tests import samples
from tests.domain.promises.cast import MOSTLY, SELDOM
from tests.domain.promises.world import World
from tests.samples import BOB, TOOK_PART


class OnCare(World):
    """What goes on around the patient."""

    @rule(data=st.data(), rightly=MOSTLY, goals=st.integers(0, 3))
    def somebody_works_on_a_plan(self, data: st.DataObject, rightly: bool, goals: int) -> None:
        """A draft, one that holds, one that ends."""
        content = samples.plan(self.now, goals=goals)
        numbers = [p.number for p in self.state.plans] or [1]
        drafts = [p.number for p in self.state.plans if p.state is PlanState.DRAFT]
        known = data.draw(st.sampled_from(drafts or numbers if rightly else [*numbers, 99]))
        commands: list[cmd.Command] = [
            cmd.DraftPlan(content=content, follows=None if rightly else known),
            cmd.ActivatePlan(number=known, content=content),
            cmd.ClosePlan(number=data.draw(st.sampled_from(numbers)), reason="Klar."),
        ]
        by = self.somebody(data, rightly, self.holder(data))
        self.do(data.draw(st.sampled_from(commands)), by)

    @rule(data=st.data(), rightly=MOSTLY, hours=st.integers(-1, 200))
    def somebody_calls_a_meeting(self, data: st.DataObject, rightly: bool, hours: int) -> None:
        """For the first time, or anew; also units that the journey has never met."""
        sip = self.state.sip
        wanted = sip and sip.consent and not sip.closed_at and data.draw(MOSTLY)
        kind = MeetingKind.SIP if wanted else data.draw(st.sampled_from(list(MeetingKind)))
        units = dict.fromkeys([self.receiver(data), self.receiver(data), self.holder(data)])
        ids = [f"m-{len(self.state.meetings) + 1}", *self.state.meetings]
        command = cmd.CallMeeting(
            meeting_id=ids[0] if rightly else data.draw(st.sampled_from(ids)),
            summons=Summons(
                kind=kind,
                starts_at=self.now + timedelta(hours=hours),
                mode="video",
                units=tuple(units),
            ),
            units=tuple(self.unit(u) for u in units),
        )
        self.do(command, self.somebody(data, rightly, self.holder(data)))

    @precondition(lambda self: self.current is not None and self.state.meetings)
    @rule(data=st.data(), rightly=MOSTLY, cancelled=SELDOM)
    def a_meeting_ends(self, data: st.DataObject, rightly: bool, cancelled: bool) -> None:
        """It was held, or was not."""
        planned = [m for m in self.state.meetings.values() if m.state is MeetingState.PLANNED]
        if not planned:
            self.do(cmd.CancelMeeting(meeting_id="m-no", reason="Sjukdom"), self.holder(data))
            return
        meeting = data.draw(st.sampled_from(planned))
        makes_plan = (meeting.summons.kind is MeetingKind.SIP) == rightly
        outcome = MeetingOutcome(
            participants=meeting.summons.units,
            participation=TOOK_PART,
            decisions="Gemensam planering.",
            sip=self._sip(data) if makes_plan else None,
        )
        command: cmd.Command = cmd.HoldMeeting(meeting_id=meeting.id, at=self.now, outcome=outcome)
        if cancelled:
            command = cmd.CancelMeeting(meeting_id=meeting.id, reason="Sjukdom")
        self.do(command, self.somebody(data, rightly, self.holder(data)))

    @rule(data=st.data(), rightly=MOSTLY)
    def somebody_works_on_the_sip(self, data: st.DataObject, rightly: bool) -> None:
        """Needed, agreed to, followed up."""
        sip = self.state.sip
        decide = cmd.DecideSip(needed=sip is None or not sip.needed, reason="Två huvudmän.")
        consent = cmd.RecordSipConsent(given=data.draw(MOSTLY), at=self.now)
        commands: list[cmd.Command] = [decide, consent, cmd.CloseSip(reason="Uppföljd.")]
        if rightly and (sip is None or not sip.needed):
            commands = [decide]
        elif rightly and sip and not sip.consent:
            commands = [consent, consent, decide]
        self.do(data.draw(st.sampled_from(commands)), self.holder(data))

    @rule(data=st.data(), rightly=MOSTLY)
    def holders_write_to_each_other(self, data: st.DataObject, rightly: bool) -> None:
        """And read."""
        up_to = max(1, self.state.messages + (0 if rightly else 1))
        commands: list[cmd.Command] = [
            cmd.PostMessage(text="Vem tar hembesöket?"),
            cmd.ReadMessages(up_to=up_to),
        ]
        by = self.somebody(data, rightly, self.holder(data))
        behind = [p.holder for p in self.state.parts.values() if self._has_unread(p.holder)]
        if behind and rightly:
            self.do(commands[1], data.draw(st.sampled_from(behind)))
        elif rightly:
            self.do(commands[0], by)
        else:
            self.do(data.draw(st.sampled_from(commands)), by)

    def _has_unread(self, unit: str) -> bool:
        return self.state.read.get(unit, 0) < self.state.messages

    def _sip(self, data: st.DataObject) -> SipContent:
        item = SipItem(
            need="Trygghet hemma.",
            goal_own_words="Bo kvar hemma.",
            goal_professional="Självständig i förflyttning.",
            effort="Träning och hemtjänst.",
            responsible=data.draw(st.sampled_from([self.holder(data), BOB])),
        )
        return SipContent(
            items=(item,),
            main_responsibility="municipality",
            plan_owner=self.holder(data),
            follow_up_on=self.now.date() + timedelta(days=data.draw(st.integers(1, 60))),
        )
