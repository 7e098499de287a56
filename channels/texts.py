"""What a notice says: never who the patient is, only that something waits, and where."""

from domain.notice import NoticeKind
from domain.value import Labels

DIGEST = Labels(sv="{count} meddelanden väntar på er.", en="{count} messages are waiting for you.")
TEXTS: dict[NoticeKind, Labels] = {
    NoticeKind.HANDOVER_ARRIVED: Labels(
        sv="En överlämning har kommit till er enhet.", en="A handover has arrived at your unit."
    ),
    NoticeKind.HANDOVER_ACCEPTED: Labels(
        sv="En överlämning som ni har skickat är accepterad.",
        en="A handover that you sent has been accepted.",
    ),
    NoticeKind.HANDOVER_TAKEN_OVER: Labels(
        sv="En överlämning är övertagen.",
        en="A handover has been taken over.",
    ),
    NoticeKind.HANDOVER_DECLINED: Labels(
        sv="En överlämning som ni har skickat är återsänd med skäl.",
        en="A handover that you sent has been declined with a reason.",
    ),
    NoticeKind.HANDOVER_REDIRECTED: Labels(
        sv="En överlämning som ni har skickat är skickad vidare inom organisationen.",
        en="A handover that you sent has been passed on inside the organisation.",
    ),
    NoticeKind.HANDOVER_WITHDRAWN: Labels(
        sv="En överlämning till er enhet är återkallad.",
        en="A handover to your unit has been withdrawn.",
    ),
    NoticeKind.REDIRECT_STOPPED: Labels(
        sv="En överlämning skickas runt och behöver ett beslut.",
        en="A handover is being passed around and needs a decision.",
    ),
    NoticeKind.QUESTION_ASKED: Labels(
        sv="Mottagaren har en fråga om en överlämning.",
        en="The receiver has a question about a handover.",
    ),
    NoticeKind.QUESTION_ANSWERED: Labels(
        sv="Er fråga om en överlämning är besvarad.",
        en="Your question about a handover has been answered.",
    ),
    NoticeKind.REMINDER: Labels(
        sv="En tidsgräns närmar sig eller har passerat.",
        en="A deadline is near or has passed.",
    ),
    NoticeKind.JOURNEY_CLOSED: Labels(
        sv="Ett förlopp som ni håller en del av är avslutat.",
        en="A journey that you hold a part of has been closed.",
    ),
    NoticeKind.ALARM: Labels(
        sv="LARM: en patient har lämnat avdelningen och ingen har tagit över.",
        en="ALARM: a patient has left the ward and nobody has taken over.",
    ),
    NoticeKind.HANDOVER_ANNOUNCED: Labels(
        sv="En överlämning till er enhet är på väg.",
        en="A handover to your unit is on its way.",
    ),
    NoticeKind.ESTIMATE_CHANGED: Labels(
        sv="Beräknad utskrivning har ändrats för en överlämning.",
        en="The estimated discharge of a handover has changed.",
    ),
    NoticeKind.PROPOSAL_MADE: Labels(
        sv="Mottagaren föreslår andra villkor för en överlämning.",
        en="The receiver proposes other terms for a handover.",
    ),
    NoticeKind.PROPOSAL_REFUSED: Labels(
        sv="Ert förslag om en överlämning är inte antaget; ett svar väntas.",
        en="Your proposal for a handover was not taken; an answer is awaited.",
    ),
    NoticeKind.CANCELLATION_REQUESTED: Labels(
        sv="Avsändaren ber er avboka en accepterad överlämning.",
        en="The sender asks you to cancel an accepted handover.",
    ),
    NoticeKind.CANCELLATION_AGREED: Labels(
        sv="Mottagaren har godtagit er avbokning av en överlämning.",
        en="The receiver has agreed to your cancellation of a handover.",
    ),
    NoticeKind.CANCELLATION_REFUSED: Labels(
        sv="Mottagaren håller fast vid en accepterad överlämning.",
        en="The receiver holds on to an accepted handover.",
    ),
    NoticeKind.RESPONSIBILITY_DISPUTED: Labels(
        sv="Ansvaret för en överlämning är bestritt och behöver ett beslut.",
        en="The responsibility for a handover is disputed and needs a decision.",
    ),
    NoticeKind.HANDOVER_COMPLETED: Labels(
        sv="En överlämning som ni har skickat är avslutad, med resultat.",
        en="A handover that you sent has been completed, with its outcome.",
    ),
    NoticeKind.HANDOVER_ON_HOLD: Labels(
        sv="En överlämning vilar medan patienten är inskriven.",
        en="A handover is on hold while the patient is in hospital.",
    ),
    NoticeKind.HANDOVER_RESUMED: Labels(
        sv="En överlämning som har vilat fortsätter.",
        en="A handover that was on hold goes on.",
    ),
    NoticeKind.PART_RETURNED: Labels(
        sv="Något som ni har lämnat över är åter hos er: mottagaren var fel.",
        en="What you handed over is yours again: the receiver was wrong.",
    ),
    NoticeKind.CALL_TASK: Labels(
        sv="Ni behöver ringa en enhet om en överlämning.",
        en="You need to call a unit about a handover.",
    ),
    NoticeKind.ANSWER_CONFIRMED: Labels(
        sv="Ett svar som skrevs in i efterhand är bekräftat.",
        en="An answer that was entered late has been confirmed.",
    ),
    NoticeKind.PATIENT_DECEASED: Labels(
        sv="Ett förlopp som ni har del i har stannat: läs i Handslag.",
        en="A journey that you are part of has stopped: read in Handslag.",
    ),
    NoticeKind.DEATH_UNDONE: Labels(
        sv="Ett förlopp som hade stannat fortsätter.",
        en="A journey that had stopped goes on.",
    ),
    NoticeKind.PATIENT_ADMITTED: Labels(
        sv="Patienten i ett förlopp som ni har del i är inskriven på sjukhus.",
        en="The patient of a journey that you are part of is in hospital.",
    ),
    NoticeKind.PATIENT_READY: Labels(
        sv="Patienten i ett förlopp som ni har del i är utskrivningsklar.",
        en="The patient of a journey that you are part of is ready for discharge.",
    ),
    NoticeKind.PATHWAY_MIGRATED: Labels(
        sv="Förloppet går enligt en ny version; det ni ska göra har ändrats",
        en="The journey goes by another version; what you are to do has changed",
    ),
    NoticeKind.PATIENT_MOVED: Labels(
        sv="Hemkommunen har ändrats i ett förlopp som ni har del i.",
        en="The municipality has changed in a journey that you are part of.",
    ),
    NoticeKind.FACT_REPORTED: Labels(
        sv="Något om patienten är registrerat i ett annat förlopp: bedöm om det gäller ert.",
        en="Something about the patient is recorded in another journey: see if it holds for yours.",
    ),
    NoticeKind.MEETING_CALLED: Labels(
        sv="Er enhet är kallad till ett möte.",
        en="Your unit is called to a meeting.",
    ),
    NoticeKind.MEETING_CANCELLED: Labels(
        sv="Ett möte som er enhet är kallad till är inställt.",
        en="A meeting that your unit is called to is cancelled.",
    ),
    NoticeKind.MESSAGE_POSTED: Labels(
        sv="Ett meddelande har kommit i ett förlopp som ni har del i.",
        en="There is a message in a journey that you are part of.",
    ),
    NoticeKind.ADMISSION_NOTICE: Labels(
        sv="Ett inskrivningsmeddelande har kommit till er.",
        en="An admission notice has come to you.",
    ),
    NoticeKind.DISCHARGE_ESTIMATED: Labels(
        sv="En beräknad utskrivning har ändrats.",
        en="An estimated discharge has changed.",
    ),
    NoticeKind.CARE_CONTACT_NAMED: Labels(
        sv="En fast vårdkontakt är utsedd.",
        en="A permanent care contact has been named.",
    ),
    NoticeKind.READY_WITHDRAWN: Labels(
        sv="En underrättelse om utskrivningsklar är återtagen.",
        en="A notice of readiness for discharge has been withdrawn.",
    ),
}
