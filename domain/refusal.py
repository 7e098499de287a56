"""Every coded no, in one table, with Swedish and English text."""

from domain.refusal_text import Kind, Text
from domain.refusals_of_design import OF_DESIGN
from domain.refusals_of_telling import OF_TELLING
from domain.refusals_of_work import OF_WORK
from domain.value import Value

__all__ = ["REFUSALS", "FieldProblem", "Kind", "Refusal", "Refused", "Text"]


class FieldProblem(Value):
    """One field that is wrong, by path and coded rule; never the value itself."""

    field: str
    rule: str


class Refusal(Value):
    """A coded no. `code` is a key of `REFUSALS`; `fields` says where, when it is about content."""

    code: str
    fields: tuple[FieldProblem, ...] = ()

    @property
    def text(self) -> Text:
        """Kind and texts from the table."""
        return REFUSALS[self.code]


class Refused(Exception):
    """Raised inside the rules to leave with a refusal; `decide` turns it into a value."""

    def __init__(self, code: str, *fields: FieldProblem) -> None:
        super().__init__(code)
        self.refusal = Refusal(code=code, fields=fields)


REFUSALS: dict[str, Text] = {
    # content
    "content_invalid": Text(
        Kind.INVALID, "Uppgifter saknas eller är fel.", "Content is missing or wrong."
    ),
    "instant_in_future": Text(
        Kind.INVALID, "Tidpunkten ligger i framtiden.", "The instant lies in the future."
    ),
    "instant_in_past": Text(
        Kind.INVALID, "Tidpunkten har redan passerat.", "The instant has already passed."
    ),
    "instant_too_far": Text(
        Kind.INVALID, "Tidpunkten ligger för långt fram.", "The instant lies too far ahead."
    ),
    "discharge_estimate_missing": Text(
        Kind.INVALID,
        "Övertagande vid utskrivning kräver en beräknad utskrivningstid i överlämningen.",
        "Taking over on discharge needs an estimated discharge time in the handover.",
    ),
    "decline_text_missing": Text(
        Kind.INVALID, "Skälet 'annat' kräver en text.", "The reason 'other' needs a text."
    ),
    "attachment_type_unknown": Text(
        Kind.INVALID,
        "Bilagan ska vara PDF, PNG eller JPEG, och typen ska stämma med innehållet.",
        "The attachment must be PDF, PNG or JPEG, and its type must agree with its content.",
    ),
    "attachment_empty": Text(Kind.INVALID, "Bilagan är tom.", "The attachment is empty."),
    # who
    "not_your_unit": Text(Kind.FORBIDDEN, "Enheten är inte din.", "You do not act for that unit."),
    "role_not_enough": Text(
        Kind.FORBIDDEN, "Din roll tillåter inte detta.", "Your role does not allow this."
    ),
    "not_receiver": Text(
        Kind.FORBIDDEN, "Bara mottagande enhet kan göra detta.", "Only the receiver may do this."
    ),
    "not_sender": Text(
        Kind.FORBIDDEN, "Bara avsändande enhet kan göra detta.", "Only the sender may do this."
    ),
    "not_holder": Text(
        Kind.FORBIDDEN,
        "Bara enheten som håller delen nu kan göra detta.",
        "Only the unit that holds the part now may do this.",
    ),
    "record_not_yours": Text(
        Kind.FORBIDDEN,
        "Hälso- och sjukvårdens uppgifter visas inte för socialtjänst och skola.",
        "What health care has written is not shown to social services and schools.",
    ),
    # what does not exist, or not for you
    "journey_unknown": Text(Kind.UNKNOWN, "Förloppet finns inte.", "There is no such journey."),
    "handover_unknown": Text(
        Kind.UNKNOWN, "Överlämningen finns inte.", "There is no such handover."
    ),
    "attachment_unknown": Text(Kind.UNKNOWN, "Bilagan finns inte.", "There is no such attachment."),
    "step_unknown": Text(Kind.UNKNOWN, "Steget finns inte.", "There is no such step."),
    "unit_unknown": Text(Kind.INVALID, "Enheten finns inte.", "There is no such unit."),
    "pathway_unknown": Text(Kind.INVALID, "Vårdförloppet finns inte.", "There is no such pathway."),
    "part_unknown": Text(
        Kind.INVALID,
        "Delen finns inte i vårdförloppet.",
        "The pathway has no such part.",
    ),
    "patient_invalid": Text(
        Kind.INVALID,
        "Personidentiteten är inte giltig.",
        "The person identifier is not valid.",
    ),
    # state
    "journey_exists": Text(Kind.CONFLICT, "Förloppet är redan startat.", "Already started."),
    "journey_closed": Text(Kind.CONFLICT, "Förloppet är avslutat.", "The journey is closed."),
    "journey_overlaps": Text(
        Kind.CONFLICT,
        "Patienten har redan ett pågående förlopp av samma slag; ange skäl.",
        "The patient already has an open journey on this pathway; give a reason.",
    ),
    "step_not_open": Text(Kind.CONFLICT, "Steget är inte öppet.", "The step is not open."),
    "step_kind_mismatch": Text(
        Kind.INVALID,
        "Innehållet hör till ett annat slags steg.",
        "The content belongs to another kind of step.",
    ),
    "step_needs_handover": Text(
        Kind.CONFLICT,
        "Steget blir klart när en överlämning har tagits över.",
        "The step is done when a handover has been taken over.",
    ),
    "step_not_skippable": Text(
        Kind.CONFLICT,
        "Bedömning, uppföljning och det som förloppet gör obligatoriskt kan inte hoppas över.",
        "Assessment, follow-up and what the pathway makes mandatory cannot be skipped.",
    ),
    "handover_exists": Text(
        Kind.CONFLICT, "Överlämningen är redan skickad.", "The handover is already sent."
    ),
    "part_in_handover": Text(
        Kind.CONFLICT,
        "Delen har redan en öppen överlämning.",
        "The part already has an open handover.",
    ),
    "part_purpose_mismatch": Text(
        Kind.INVALID,
        "Syftet passar inte delen: samordning övertas, andra delar tas i del.",
        "The purpose does not fit the part: coordination is taken over, others in part.",
    ),
    "receiver_is_sender": Text(
        Kind.INVALID, "Mottagaren är avsändaren själv.", "The receiver is the sender itself."
    ),
    "receiver_kind_mismatch": Text(
        Kind.INVALID,
        "Enhetens slag passar inte delen eller steget.",
        "The unit's kind does not fit the part or the step.",
    ),
    "receiver_without_contact": Text(
        Kind.CONFLICT,
        "Mottagaren saknar kontaktväg och kan inte ta emot.",
        "The receiver has no contact route and can receive nothing.",
    ),
    "receiver_agreement_expired": Text(
        Kind.CONFLICT,
        "Mottagarens avtal har gått ut.",
        "The receiver's agreement has expired.",
    ),
    "handover_not_open": Text(
        Kind.CONFLICT,
        "Överlämningens läge tillåter inte detta.",
        "The handover's state does not allow this.",
    ),
    "already_acknowledged": Text(
        Kind.CONFLICT, "Överlämningen är redan kvitterad.", "Already acknowledged."
    ),
    "question_open": Text(
        Kind.CONFLICT, "En fråga väntar redan på svar.", "A question already waits for its answer."
    ),
    "no_question_open": Text(
        Kind.CONFLICT, "Ingen fråga väntar på svar.", "No question waits for an answer."
    ),
    "redirect_crosses_organisation": Text(
        Kind.CONFLICT,
        "Skicka vidare går bara inom organisationen; återsänd med förslag i stället.",
        "Redirect stays inside the organisation; decline and propose a unit instead.",
    ),
    "handovers_open": Text(
        Kind.CONFLICT,
        "Öppna överlämningar måste först få svar eller återkallas.",
        "Open handovers must be answered or withdrawn first.",
    ),
    "already_left": Text(
        Kind.CONFLICT, "Utskrivningen är redan registrerad.", "The departure is already recorded."
    ),
    # units
    "unit_change_invalid": Text(
        Kind.INVALID,
        "Enheten kan inte ändras så; se fälten.",
        "The unit cannot be changed like that; see the fields.",
    ),
    "closure_needs_cover": Text(
        Kind.CONFLICT,
        "Stängningen behöver en annan enhet som kan täcka och har gått med på det.",
        "The closure needs another unit that can cover and has agreed to it.",
    ),
    "unit_succeeded": Text(
        Kind.CONFLICT,
        "Enheten har en efterträdare och ändras inte mer.",
        "The unit has a successor and changes no more.",
    ),
    "unit_version_stale": Text(
        Kind.STALE,
        "Enheten har ändrats sedan du läste den.",
        "The unit has changed since you read it.",
    ),
    # the call itself
    "request_invalid": Text(
        Kind.INVALID, "Anropet har fel form.", "The request has the wrong form."
    ),
    "key_missing": Text(
        Kind.INVALID,
        "Anropet saknar Idempotency-Key.",
        "The request has no Idempotency-Key.",
    ),
    "if_match_invalid": Text(
        Kind.INVALID, "If-Match ska vara ett ETag.", "If-Match must be an ETag."
    ),
    "cursor_invalid": Text(
        Kind.INVALID, "Sidmarkören är inte giltig.", "The page cursor is not valid."
    ),
    "page_unknown": Text(Kind.UNKNOWN, "Sidan finns inte.", "There is no such page."),
    "body_too_large": Text(Kind.TOO_LARGE, "Anropet är för stort.", "The request is too large."),
    "attachment_too_large": Text(
        Kind.TOO_LARGE, "Bilagan är för stor.", "The attachment is too large."
    ),
    "token_missing": Text(
        Kind.UNKNOWN_CALLER, "Anropet saknar inloggning.", "The request has no token."
    ),
    "token_expired": Text(
        Kind.UNKNOWN_CALLER, "Inloggningen har gått ut.", "The token has expired."
    ),
    "token_invalid": Text(
        Kind.UNKNOWN_CALLER, "Inloggningen är inte giltig.", "The token is not valid."
    ),
    "identity_unavailable": Text(
        Kind.UNAVAILABLE,
        "Inloggningar kan inte kontrolleras just nu.",
        "Tokens cannot be checked right now.",
    ),
    "engine_unavailable": Text(
        Kind.UNAVAILABLE,
        "Motorn svarar inte just nu. Om kommandot gick fram är okänt; "
        "försök igen med samma Idempotency-Key.",
        "The engine does not answer right now. Whether the command got through is unknown; "
        "try again with the same Idempotency-Key.",
    ),
    "store_unavailable": Text(
        Kind.UNAVAILABLE,
        "Databasen svarar inte just nu. Försök igen.",
        "The database does not answer right now. Try again.",
    ),
    "internal_error": Text(
        Kind.BROKEN,
        "Något gick fel hos oss. Det är noterat.",
        "Something went wrong on our side. It has been noted.",
    ),
    "calendar_stale": Text(
        Kind.STALE, "Kalendern har ändrats; försök igen.", "The calendar has changed; try again."
    ),
    "sequence_stale": Text(
        Kind.STALE,
        "Förloppet har ändrats sedan du läste det.",
        "The journey has changed since you read it.",
    ),
    "key_reused": Text(
        Kind.KEY_REUSED,
        "Samma Idempotency-Key har använts med annat innehåll.",
        "The same Idempotency-Key was used with another body.",
    ),
    **OF_DESIGN,
    **OF_WORK,
    **OF_TELLING,
}
