"""The coded no of pathways: writing, approving, publishing, and moving running journeys."""

from domain.refusal_text import Kind, Text


def _no(sv: str, en: str, kind: Kind = Kind.CONFLICT) -> Text:
    return Text(kind, sv, en)


INVALID, UNKNOWN, FORBIDDEN = Kind.INVALID, Kind.UNKNOWN, Kind.FORBIDDEN
OF_DESIGN: dict[str, Text] = {
    "step_deferred": _no(
        "Steget väntar ännu; ange skäl för att göra det tidigare.",
        "The step still waits for something; say why it is done early.",
    ),
    "limit_reached": _no(
        "Stegets yttersta gräns är passerad; förläng med skäl eller avsluta steget först.",
        "The step's farthest limit has passed; extend it with a reason, or end the step first.",
    ),
    "limit_is_hard": _no(
        "Stegets yttersta gräns kan inte förlängas.", "The step's farthest limit is not extended."
    ),
    "pathway_differs": _no(
        "Versionen hör till ett annat förlopp.", "The version is of another pathway."
    ),
    "version_already": _no(
        "Förloppet går redan enligt den versionen.", "The journey already goes by that version."
    ),
    "step_under_way": _no(
        "Ett steg som tas bort eller ändrar slag pågår eller är gjort.",
        "A step that is taken away or becomes another kind is under way or done.",
    ),
    "part_held": _no(
        "En del som tas bort hålls av en enhet.", "A part that is taken away is held by a unit."
    ),
    "not_migrated": _no(
        "Förloppet har inte flyttats till en ny version.", "The journey was not migrated."
    ),
    "migration_begun": _no(
        "Ett steg i den nya versionen har börjat; flytten kan inte ångras.",
        "A step of the new version has begun; the migration cannot be undone.",
    ),
    "draft_unknown": _no("Utkastet finns inte.", "No such draft.", UNKNOWN),
    "definition_invalid": _no(
        "Definitionen har fel; se listan.", "The definition has faults; see the list.", INVALID
    ),
    "addition_weakens": _no(
        "Tillägget försvagar något som förloppet kräver.",
        "The addition weakens what the base makes mandatory.",
        INVALID,
    ),
    "version_exists": _no(
        "Versionen är redan publicerad; publicera en ny version.",
        "The version is published already; publish a new one.",
    ),
    "draft_ended": _no(
        "Utkastet är redan publicerat eller återtaget.", "The draft is published or withdrawn."
    ),
    "own_draft": _no(
        "Den som har skrivit utkastet godkänner det inte själv.",
        "Who wrote the draft does not approve it.",
        FORBIDDEN,
    ),
    "not_approver": _no(
        "Du får inte godkänna för den huvudmannen.",
        "You may not approve for that principal.",
        FORBIDDEN,
    ),
    "approval_missing": _no(
        "Godkännanden saknas; se listan.", "Approvals are missing; see the list."
    ),
    "coverage_gap": _no(
        "En stege når ingen inom förloppets gräns, och ingen har godtagit luckan.",
        "A ladder reaches nobody within the pathway's bound, and nobody has accepted the gap.",
    ),
    "trial_fails": _no(
        "En sparad simulering ger ett annat resultat.", "A saved simulation gives another result."
    ),
    "pathway_retired": _no(
        "Versionen är avvecklad; nya förlopp startas inte i den.",
        "The version is retired; no new journey starts by it.",
    ),
    "migration_differs": _no(
        "Flytten skulle nu ge något annat än det som visades; se skillnaden på nytt.",
        "The migration would now do something else than was shown; look at the difference again.",
    ),
    "migration_ended": _no(
        "Flytten är avslutad; gör en ny.", "The migration has ended; make another."
    ),
    "migration_not_there": _no(
        "Flytten är inte så långt kommen, eller redan förbi det.",
        "The migration has not come so far, or is past it already.",
    ),
    "migration_unknown": _no("Flytten finns inte.", "No such migration.", UNKNOWN),
}
