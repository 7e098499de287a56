"""The coded no of work with handovers, patients' facts, plans and meetings."""

from domain.refusal_text import Kind, Text


def _no(sv: str, en: str, kind: Kind = Kind.CONFLICT) -> Text:
    return Text(kind, sv, en)


INVALID, UNKNOWN, FORBIDDEN = Kind.INVALID, Kind.UNKNOWN, Kind.FORBIDDEN
HANDOVER: dict[str, Text] = {
    "pre_notice_differs": _no(
        "Överlämningen stämmer inte med förvarningen.", "The handover differs from its pre-notice."
    ),
    "receiver_succeeded": _no(
        "Mottagaren har gått upp i en annan enhet.",
        "The receiver has been succeeded by another unit.",
    ),
    "redirect_crosses_sector": _no(
        "Skicka vidare går inte mellan hälso- och sjukvård och socialtjänst; återsänd i stället.",
        "A redirect does not cross from health care to social services; decline instead.",
    ),
    "guardian_consent_missing": _no(
        "Alla vårdnadshavare har inte samtyckt.", "Not every guardian has consented."
    ),
    "handover_on_hold": _no(
        "Överlämningen vilar medan patienten är inlagd.",
        "The handover is on hold while the patient is in hospital.",
    ),
    "not_on_hold": _no("Överlämningen vilar inte.", "The handover is not on hold."),
    "proposal_open": _no(
        "Ett förslag väntar redan på svar.", "A proposal already waits for its answer."
    ),
    "no_proposal_open": _no("Inget förslag väntar på svar.", "No proposal waits for an answer."),
    "cancellation_needed": _no(
        "Överlämningen är accepterad; be mottagaren om avbokning i stället.",
        "The handover is accepted; ask the receiver for a cancellation instead.",
    ),
    "cancellation_open": _no(
        "En avbokning väntar redan på svar.", "A cancellation already waits for its answer."
    ),
    "no_cancellation_open": _no(
        "Ingen avbokning väntar på svar.", "No cancellation waits for an answer."
    ),
    "already_disputed": _no(
        "Ansvaret har redan bestridits en gång.", "The responsibility was already disputed once."
    ),
    "already_assigned": _no("Redan tilldelad.", "Already assigned."),
    "not_assigned": _no("Ingen är tilldelad.", "Nobody is assigned."),
    "call_missing": _no(
        "Enheten saknar system: ange vem som svarade i telefon, när och på vilket nummer.",
        "The unit has no system: say who answered by telephone, when, and on which number.",
        INVALID,
    ),
    "call_before_sending": _no(
        "Samtalet ligger före överlämningen.", "The call lies before the handover.", INVALID
    ),
    "not_proxy": _no(
        "Bara den som ringer åt enheten kan göra detta.",
        "Only who calls on behalf of the unit may do this.",
        FORBIDDEN,
    ),
    "nothing_provisional": _no(
        "Inget svar väntar på bekräftelse.", "No answer waits for a confirmation."
    ),
    "second_person_missing": _no(
        "Den som skrev in svaret kan inte bekräfta det.",
        "Whoever entered the answer cannot confirm it.",
        FORBIDDEN,
    ),
}
FACTS: dict[str, Text] = {
    "patient_protected": _no(
        "Skyddad patient – ring avsändaren.",
        "Protected patient: call the sender.",
        FORBIDDEN,
    ),
    "patient_deceased": _no("Patienten har avlidit.", "The patient has died."),
    "patient_not_deceased": _no(
        "Patienten är inte registrerad som avliden.", "The patient is not recorded as deceased."
    ),
    "patient_has_not_left": _no(
        "Ingen utskrivning är registrerad.", "No departure has been recorded."
    ),
    "no_safety_net": _no("Inget trygghetssamtal är planerat.", "No safety call is planned."),
    "next_call_missing": _no(
        "Ange när nästa samtal rings.", "Say when the next call is made.", INVALID
    ),
    "already_admitted": _no("Patienten är redan inskriven.", "The patient is already admitted."),
    "not_admitted": _no("Patienten är inte inskriven.", "The patient is not admitted."),
    "municipality_unchanged": _no(
        "Patienten bor redan i kommunen.", "The patient already lives in that municipality."
    ),
    "protection_unchanged": _no("Skyddet är redan sådant.", "The protection is already so."),
    "protection_group_only": _no(
        "Bara enhetens namngivna grupp kan ta bort skyddet.",
        "Only the unit's named group may lift the protection.",
        FORBIDDEN,
    ),
    "already_identified": _no(
        "Patienten har redan den identiteten.", "The patient already has that identity."
    ),
}
STAY: dict[str, Text] = {
    "stay_unknown": _no("Vårdtillfället finns inte.", "There is no such stay.", UNKNOWN),
    "stay_followed": _no(
        "Patienten är inskriven på nytt; detta vårdtillfälle är avslutat.",
        "The patient has been admitted again; this stay is over.",
    ),
    "not_the_ward": _no(
        "Bara vårdavdelningen sänder det meddelandet.",
        "Only the ward sends that message.",
        FORBIDDEN,
    ),
    "not_notified": _no(
        "Er enhet har inte fått inskrivningsmeddelandet.",
        "Your unit has not got the admission notice.",
        FORBIDDEN,
    ),
    "not_region_open_care": _no(
        "Fast vårdkontakt utses av regionens öppna vård.",
        "The permanent care contact is named by the region's open care.",
        FORBIDDEN,
    ),
    "aftercare_not_judged": _no(
        "Läkaren har inte bedömt att insatser kan behövas.",
        "The physician has not judged that efforts may be needed.",
    ),
    "aftercare_already_judged": _no("Bedömningen är redan sådan.", "It is already judged so."),
    "stay_open": _no(
        "Patienten är inskriven, och enheter väntar på besked.",
        "The patient is in hospital, and units wait to hear.",
    ),
    "notice_missing": _no(
        "Inget inskrivningsmeddelande är sänt.", "No admission notice has been sent."
    ),
    "notice_by_hand": _no(
        "Skyddad patient: underrätta enheterna på säkert sätt och ange det.",
        "Protected patient: tell the units by a safe way, and say so.",
        INVALID,
    ),
    "already_planning": _no("Enheten planerar redan.", "The unit is already planning."),
    "not_ready": _no(
        "Patienten är inte utskrivningsklar.", "The patient is not ready for discharge."
    ),
    "reason_missing": _no("Ange en orsak.", "Give a reason.", INVALID),
    "before_admission": _no(
        "Tiden ligger före inskrivningen.", "The time lies before the admission.", INVALID
    ),
}
CLOCK: dict[str, Text] = {
    "clock_unknown": _no("Klockan finns inte.", "There is no such clock.", UNKNOWN),
    "clock_not_running": _no("Klockan går inte.", "The clock is not running."),
    "clock_not_snoozable": _no(
        "Ett larm kan inte tystas.", "An alarm cannot be snoozed.", FORBIDDEN
    ),
    "snooze_too_long": _no(
        "Högst sju dygn i taget, och fyra gånger i rad.",
        "Seven days at a time at most, and four times in a row.",
        INVALID,
    ),
    "rules_stale": _no("Reglerna har ändrats; försök igen.", "The rules have changed; try again."),
    "paper_not_yours": _no(
        "Svar på papper förs in av mottagaren själv.",
        "Answers on paper are written in by the receiver itself.",
        FORBIDDEN,
    ),
    "paper_before_sending": _no(
        "Svaret på papper ligger före överlämningen.",
        "The answer on paper lies before the handover.",
        INVALID,
    ),
    "slip_unknown": _no(
        "Ingen överlämning hos er har den referensen.",
        "No handover of yours has that reference.",
        UNKNOWN,
    ),
    "slip_ambiguous": _no(
        "Flera överlämningar har den referensen; sök i inkorgen.",
        "Several handovers have that reference; look in the inbox.",
    ),
}
JOURNEY: dict[str, Text] = {
    "instant_too_old": _no(
        "Tidpunkten ligger mer än två år före förloppets start.",
        "The instant lies more than two years before the journey's start.",
        INVALID,
    ),
    "no_intake": _no(
        "Enheten tar inte emot egna vårdbegäran.",
        "The unit takes no self-referrals.",
        FORBIDDEN,
    ),
    "no_answer_owed": _no("Inget svar väntas.", "No answer is owed."),
    "already_waiting": _no("En väntan pågår redan.", "A waiting interval is already open."),
    "not_waiting": _no("Ingen väntan pågår.", "No waiting interval is open."),
    "no_guidance": _no("Steget har ingen vägledning.", "The step has no guidance."),
    "journey_full": _no(
        "Förloppet har nått gränsen för hur många det kan ha.",
        "The journey has as many of these as it can hold.",
    ),
    "step_exists": _no("Steget finns redan.", "The step already exists."),
    "step_not_ended": _no("Steget är inte avslutat.", "The step has not ended."),
    "step_not_reopenable": _no(
        "Steget kan inte öppnas igen.", "A step of that kind is not opened again.", INVALID
    ),
    "merge_loses_part": _no(
        "Delen hålls av ingen i det förlopp som ska gå vidare.",
        "Nobody holds the part in the journey that goes on.",
    ),
    "merge_with_itself": _no("Förloppet är detsamma.", "The journey is the very same.", INVALID),
    "unit_not_here": _no("Enheten finns inte i förloppet.", "The unit is not in the journey."),
    "already_succeeded": _no("Enheten har redan en efterträdare.", "Already succeeded."),
}
CARE: dict[str, Text] = {
    "plan_unknown": _no("Planen finns inte.", "There is no such plan.", UNKNOWN),
    "plan_not_yours": _no(
        "Planen ägs av en annan vårdgivare; gör en egen version.",
        "The plan is another care provider's; make a version of your own.",
        FORBIDDEN,
    ),
    "plan_not_draft": _no("Planen är inget utkast.", "The plan is no draft."),
    "plan_not_active": _no("Planen gäller inte.", "The plan does not hold."),
    "meeting_unknown": _no("Mötet finns inte.", "There is no such meeting.", UNKNOWN),
    "meeting_ended": _no("Mötet är redan avslutat.", "The meeting has already ended."),
    "sip_not_needed": _no(
        "Ingen pågående SIP.", "There is no coordinated individual plan under way."
    ),
    "sip_consent_missing": _no(
        "Patienten har inte samtyckt till SIP.", "The patient has not consented to a SIP."
    ),
    "sip_already_decided": _no("Det är redan bestämt.", "That is already decided."),
    "message_unknown": _no("Meddelandet finns inte.", "There is no such message.", INVALID),
    "already_read": _no("Redan läst.", "Already read."),
}
OF_WORK = {**HANDOVER, **FACTS, **STAY, **CLOCK, **JOURNEY, **CARE}
