"""What a notice says: never who the patient is, only that something waits, and where."""

from domain.notice import NoticeKind
from domain.value import Labels

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
}
