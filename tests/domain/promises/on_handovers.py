"""What is sent, and how it is answered: at once, late, in person and by telephone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain import command as cmd
from domain.call import PaperAnswer
from domain.handover import (
    At,
    DeclineReason,
    Handover,
    Now,
    OnDischarge,
    TakesOver,
    WithdrawReason,
)
from domain.journey import Actor, Role
from domain.part import COORDINATION
from domain.pathway import HandoverStep, Purpose
from domain.rules import allowed
from domain.rules.answering import MAX_HOPS
from domain.template import LegalBasis
from domain.view import seer
from tests import samples
from tests.domain.promises.cast import ACTORS, MOSTLY, PARTS, RECEIVERS, SELDOM, SPANS
from tests.domain.promises.offers import phone_call, well_formed
from tests.domain.promises.world import World
from tests.samples import ALICE

SIDE_OF: dict[str, str] = dict.fromkeys(
    (
        "answer",
        "take-proposal",
        "refuse-proposal",
        "change-estimate",
        "send",
        "withdraw",
        "request-cancellation",
        "resume",
    ),
    "from_unit",
)


# How often an action is drawn where it is possible; 3 when nothing is said.
WEIGHT = {"withdraw": 1, "acknowledge": 1, "decline": 1, "assign": 1, "accept": 2} | dict.fromkeys(
    (
        "confirm",
        "answer",
        "refuse-proposal",
        "complete",
        "first-contact",
        "release",
        "resume",
        "dispute",
        "call",
    ),
    8,
)
WEIGHT |= {"answer-cancellation": 16, "request-cancellation": 16}


def has_handovers(world: World) -> bool:
    """Something has been sent."""
    return world.current is not None and bool(world.state.handovers)


def has_unanswered(world: World) -> bool:
    """Somebody owes an answer."""
    return has_handovers(world) and bool(world.unanswered())


class OnHandovers(World):
    """Sending, alone and in bundles, announced and not; and everything that answers."""

    @rule(data=st.data(), rightly=MOSTLY)
    def somebody_sends_what_the_pathway_expects(self, data: st.DataObject, rightly: bool) -> None:
        """To a unit of the kind that the step names, or not."""
        key, _, holder = self.some_step(data, rightly, "handover")
        step = self.state.definition.step(key)
        if isinstance(step, HandoverStep):
            fitting = [u for u in RECEIVERS if self.unit(u).kind in step.to]
            to = data.draw(st.sampled_from(fitting if rightly else RECEIVERS))
            self.do(self._send(data, to, step.hands, step.purpose, key), holder)

    @rule(data=st.data(), part=PARTS, rightly=MOSTLY)
    def somebody_sends_a_handover(self, data: st.DataObject, part: str, rightly: bool) -> None:
        """A part that the unit holds, or not."""
        moving = Purpose.TAKE_OVER if part == COORDINATION else Purpose.TAKE_PART
        purpose = data.draw(st.sampled_from([moving, moving, moving, *Purpose]))
        send = self._send(data, self.receiver(data, part), part, purpose, None)
        self.do(send, self._sender(data, part, rightly))

    @rule(data=st.data(), rightly=MOSTLY)
    def somebody_sends_a_bundle(self, data: st.DataObject, rightly: bool) -> None:
        """Several parts at once: all, or none."""
        parts = [k for k in self.state.parts if not self.state.pending(k)]
        sends = [
            self._send(data, self.receiver(data, part), part, self._moving(part), None)
            for part in parts
        ]
        inform = self._send(data, self.receiver(data), "rehab", Purpose.INFORM, None)
        helps = self._send(data, samples.BOBS_HOME_HELP, "rehab", Purpose.CARRY_OUT, None)
        chosen = (*sends[:2], inform, helps)[: 4 if rightly else 2]
        self.sent += 1
        bundle = cmd.SendBundle(bundle_id=f"b-{self.sent}", sends=chosen)

        self.do(bundle, self._sender(data, "rehab", rightly))

    @rule(data=st.data(), part=PARTS, rightly=MOSTLY, days=st.integers(-1, 20))
    def somebody_announces(self, data: st.DataObject, part: str, rightly: bool, days: int) -> None:
        """A pre-notice, before it is known when."""
        to = self.unit(self.receiver(data, part))
        self.sent += 1
        command = cmd.Announce(
            handover_id=f"h-{self.sent}",
            part=part,
            purpose=self._moving(part),
            to=to,
            estimated_at=self.now + timedelta(days=days),
            requested="Träning i hemmet.",
            legal_basis=LegalBasis.LAG_2017_612,
            stand_ins=self.stand_ins(to),
        )
        self.do(command, self._sender(data, part, rightly))

    @precondition(has_handovers)
    @rule(data=st.data(), rightly=MOSTLY)
    def somebody_acts_on_a_handover(self, data: st.DataObject, rightly: bool) -> None:
        """Whatever can be said to it, in whatever state."""
        handover = self.some_handover(data)
        known = handover.id if rightly else data.draw(st.sampled_from([handover.id, "h-no"]))
        name, command = data.draw(st.sampled_from(list(self._answers(data, handover, known))))
        side = getattr(handover, SIDE_OF.get(name, "to_unit"))
        receiver = self.state.units[handover.to_unit]
        caller = receiver.proxy_owner or handover.from_unit
        by_phone = name == "call" or (side == handover.to_unit and not receiver.connected)

        self.do(command, self.somebody(data, rightly, caller if by_phone else side))

    @precondition(has_handovers)
    @rule(data=st.data(), second=st.sampled_from(["u-1", "u-2"]))
    def somebody_does_what_the_view_offers(self, data: st.DataObject, second: str) -> None:
        """By either side, or by who calls on behalf of the receiver; one thing after the other."""
        for _ in range(data.draw(st.integers(1, 5))):
            self._do_what_is_offered(data, second)

    def _do_what_is_offered(self, data: st.DataObject, second: str) -> None:
        found = list[tuple[str, cmd.Command]]()
        for handover in self.state.handovers.values():
            caller = self.state.units[handover.to_unit].proxy_owner or handover.from_unit
            for side in dict.fromkeys((handover.to_unit, handover.from_unit, caller)):
                found += self._offered(handover, side, second)
        if found:
            side, command = data.draw(st.sampled_from(found))
            self.do(command, side, subject=second)

    def _offered(
        self, handover: Handover, side: str, subject: str
    ) -> Iterator[tuple[str, cmd.Command]]:
        """What a unit may do now; what is seldom possible several times, so that it is done."""
        actor = Actor(subject=subject, unit=side, roles=(Role.COORDINATOR,))
        scene = seer(actor, self.state.units, self.now).scene(handover)
        commands = well_formed(self.state, handover, self.now, scene.receives)
        for name in allowed.actions(scene):
            if name in commands:
                yield from ((side, commands[name]) for _ in range(WEIGHT.get(name, 3)))

    @precondition(has_unanswered)
    @rule(data=st.data(), hours=st.integers(1, 400), asleep=st.none() | SPANS)
    def a_receiver_accepts(self, data: st.DataObject, hours: int, asleep: timedelta | None) -> None:
        """For now, for later, for the discharge; and time may pass."""
        handover = data.draw(st.sampled_from(self.unanswered()))
        later = At(at=self.now + timedelta(hours=hours))
        when: list[TakesOver] = [Now(), later, later, OnDischarge(), OnDischarge()]
        terms = data.draw(st.sampled_from(when))

        self.do(cmd.Accept(handover_id=handover.id, takes_over=terms), handover.to_unit)
        if data.draw(SELDOM):
            self._regret(data, handover)
        if asleep:
            self.time_passes(asleep)

    def _regret(self, data: st.DataObject, handover: Handover) -> None:
        ask = cmd.RequestCancellation(handover_id=handover.id, reason="Ny bedömning.")
        if self.do(ask, handover.from_unit) and data.draw(st.booleans()):
            agree = data.draw(st.booleans())
            yes_or_no = cmd.AnswerCancellation(handover_id=handover.id, agree=agree)
            self.do(yes_or_no, handover.to_unit)

    @precondition(has_unanswered)
    @rule(data=st.data(), hours=st.integers(1, 400), asks=st.booleans())
    def a_receiver_turns_to_the_sender(self, data: st.DataObject, hours: int, asks: bool) -> None:
        """With a question, or with other terms."""
        handover = data.draw(st.sampled_from(self.unanswered()))
        at = At(at=self.now + timedelta(hours=hours))
        propose = cmd.Propose(handover_id=handover.id, takes_over=at, text="Först då.")
        ask = cmd.Ask(handover_id=handover.id, question="Finns hiss?")

        if self.do(ask if asks else propose, handover.to_unit) and data.draw(st.booleans()):
            says: list[cmd.Command] = [
                cmd.TakeProposal(handover_id=handover.id),
                cmd.RefuseProposal(handover_id=handover.id, reason="För sent."),
            ]
            answer = cmd.Answer(handover_id=handover.id, answer="Ja.")
            self.do(answer if asks else data.draw(st.sampled_from(says)), handover.from_unit)

    @precondition(has_unanswered)
    @rule(data=st.data(), hops=st.integers(1, MAX_HOPS + 1), rightly=MOSTLY)
    def receivers_pass_it_on(self, data: st.DataObject, hops: int, rightly: bool) -> None:
        """To colleagues, mostly."""
        known = data.draw(st.sampled_from(self.unanswered())).id
        for _ in range(hops):
            here = self.state.handovers[known].to_unit
            own = self.unit(here).organisation
            colleagues = [u for u in (ALICE, *RECEIVERS) if self.unit(u).organisation == own]
            there = self.unit(data.draw(st.sampled_from(colleagues if rightly else RECEIVERS)))
            command = cmd.Redirect(
                handover_id=known, to=there, reason="Fel adress", stand_ins=self.stand_ins(there)
            )
            self.do(command, here)

    @precondition(has_handovers)
    @rule(data=st.data(), hours=st.integers(-1, 60), second=st.sampled_from(["u-1", "u-2"]))
    def somebody_telephones_a_unit_without_a_system(
        self, data: st.DataObject, hours: int, second: str
    ) -> None:
        """The same day or later; and what was entered late is confirmed, or is not."""
        silent = [h for h in self.state.handovers.values() if self._is_silent(h)]
        if not silent:
            return
        handover = data.draw(st.sampled_from(silent))
        caller = self.state.units[handover.to_unit].proxy_owner or handover.from_unit
        if data.draw(SELDOM):
            self.time_passes(timedelta(days=1))
        at = self.now - timedelta(hours=hours)
        call = phone_call(max(at, handover.began_at) if data.draw(MOSTLY) else at)
        terms = data.draw(st.sampled_from([Now(), OnDischarge(), At(at=self.now + timedelta(1))]))
        commands: list[cmd.Command] = [
            cmd.Acknowledge(handover_id=handover.id, call=call),
            cmd.Accept(handover_id=handover.id, takes_over=terms, call=call),
            cmd.Accept(handover_id=handover.id, takes_over=terms, call=call),
            cmd.Decline(handover_id=handover.id, reason=DeclineReason.NO_CAPACITY, call=call),
            cmd.RecordCall(handover_id=handover.id, outcome="no_answer", at=call.at),
            cmd.ReportFirstContact(handover_id=handover.id, at=call.at, call=call),
        ]
        confirm = cmd.ConfirmAnswer(handover_id=handover.id)
        late = handover.provisional_since and data.draw(MOSTLY)
        command = confirm if late else data.draw(st.sampled_from(commands))
        self.do(command, caller, subject=second)
        if self.state.handovers[handover.id].provisional_since and data.draw(st.booleans()):
            self.do(confirm, caller, subject="u-2")

    @precondition(has_unanswered)
    @rule(data=st.data(), hours=st.integers(-1, 60), second=st.sampled_from(["u-1", "u-2"]))
    def a_receiver_writes_in_what_stands_on_paper(
        self, data: st.DataObject, hours: int, second: str
    ) -> None:
        """After a downtime: one person writes it in, another one confirms it, or does not."""
        handover = data.draw(st.sampled_from(self.unanswered()))
        paper = PaperAnswer(function="Samordnare", at=self.now - timedelta(hours=hours))
        commands: list[cmd.Command] = [
            cmd.Acknowledge(handover_id=handover.id, paper=paper),
            cmd.Accept(handover_id=handover.id, takes_over=Now(), paper=paper),
            cmd.Decline(handover_id=handover.id, reason=DeclineReason.NO_CAPACITY, paper=paper),
        ]
        by = self.somebody(data, data.draw(MOSTLY), handover.to_unit)
        if self.do(data.draw(st.sampled_from(commands)), by) and data.draw(st.booleans()):
            self.do(cmd.ConfirmAnswer(handover_id=handover.id), by, subject=second)

    # choosing

    def _is_silent(self, handover: Handover) -> bool:
        waits = handover.open or handover.provisional_since is not None
        return waits and not self.state.units[handover.to_unit].connected

    def _moving(self, part: str) -> Purpose:
        return Purpose.TAKE_OVER if part == COORDINATION else Purpose.TAKE_PART

    def _sender(self, data: st.DataObject, part: str, rightly: bool) -> str:
        held = self.state.parts.get(part)
        holder = held.holder if held else self.holder(data)
        return holder if rightly else data.draw(st.sampled_from(ACTORS))

    def _send(
        self, data: st.DataObject, to: str, part: str, purpose: Purpose, step: str | None
    ) -> cmd.Send:
        """A new one, the same again, a pre-notice made real, or one that was declined."""
        again = data.draw(st.integers(0, 15)) == 0
        self.sent += 0 if again else 1
        estimate = data.draw(st.sampled_from([None, timedelta(hours=-5), timedelta(days=2)]))
        discharge = {"estimated_discharge_at": self.now + estimate} if estimate else {}
        unit = self.unit(to)
        send = samples.send(unit, part, purpose, f"h-{self.sent}", step, **discharge)
        declined = [h.id for h in self.state.handovers.values() if h.declined_at]
        resent = data.draw(st.booleans())
        resends = declined[-1] if declined and resent else None
        return send.model_copy(update={"stand_ins": self.stand_ins(unit), "resends": resends})

    def _answers(
        self, data: st.DataObject, handover: Handover, handover_id: str
    ) -> list[tuple[str, cmd.Command]]:
        """One command of each kind that an answer can be."""
        ahead = timedelta(hours=data.draw(st.integers(-1, 200)))
        back = self.now - timedelta(hours=data.draw(st.integers(0, 3)))
        when: list[TakesOver] = [Now(), At(at=self.now + ahead), OnDischarge()]
        terms = data.draw(st.sampled_from(when))
        reason = data.draw(st.sampled_from(list(WithdrawReason)))
        colleague = self.unit(self.receiver(data))
        special: dict[str, Any] = {
            "accept": cmd.Accept(handover_id=handover_id, takes_over=terms),
            "propose": cmd.Propose(handover_id=handover_id, takes_over=terms),
            "redirect": cmd.Redirect(
                handover_id=handover_id,
                to=colleague,
                reason="Fel adress",
                stand_ins=self.stand_ins(colleague),
            ),
            "withdraw": cmd.Withdraw(handover_id=handover_id, reason=reason),
            "first-contact": cmd.ReportFirstContact(handover_id=handover_id, at=back),
            "change-estimate": cmd.ChangeEstimate(
                handover_id=handover_id, estimated_at=self.now + ahead
            ),
            "resume": cmd.Resume(
                handover_id=handover_id,
                estimated_at=data.draw(st.sampled_from([None, self.now + ahead])),
            ),
            "answer-cancellation": cmd.AnswerCancellation(
                handover_id=handover_id, agree=data.draw(st.booleans())
            ),
        }
        receives = self.state.units[handover.to_unit].connected
        plain = well_formed(self.state, handover, self.now, receives)
        renamed = {
            name: command.model_copy(update={"handover_id": handover_id})
            for name, command in plain.items()
        }
        return list((renamed | special).items())
