"""The coded no of webhook endpoints and of deliveries that are sent again."""

from domain.refusal_text import Kind, Text

OF_TELLING: dict[str, Text] = {
    "webhook_unknown": Text(
        Kind.UNKNOWN, "Enheten har ingen webhook.", "The unit has no webhook endpoint."
    ),
    "webhook_address_invalid": Text(
        Kind.INVALID,
        "Adressen kan inte vara en webhook; se fältet.",
        "The address cannot be a webhook endpoint; see the field.",
    ),
    "webhook_stale": Text(
        Kind.STALE,
        "Webhooken har ändrats sedan du läste den.",
        "The webhook endpoint has changed since you read it.",
    ),
    "webhook_rotating": Text(
        Kind.CONFLICT,
        "En gammal hemlighet gäller ännu; ta den ur bruk först.",
        "An old secret is still valid; retire it first.",
    ),
    "webhook_not_rotating": Text(
        Kind.CONFLICT, "Ingen gammal hemlighet gäller.", "No old secret is valid."
    ),
    "delivery_unknown": Text(Kind.UNKNOWN, "Leveransen finns inte.", "There is no such delivery."),
    "delivery_not_dead": Text(
        Kind.CONFLICT,
        "Leveransen är inte ett dött brev: den väntar eller är framme.",
        "The delivery is no dead letter: it waits or has arrived.",
    ),
    "delivery_silenced": Text(
        Kind.CONFLICT,
        "Meddelandet har tystats och skickas inte mer.",
        "The notice has been silenced and is sent no more.",
    ),
}
