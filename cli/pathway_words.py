"""What `publish`, `retire` and `migrate` answer, in Swedish and English."""

from collections.abc import Mapping

from cli.pathway_files import Language, in_lang
from domain.value import Labels


def _words(sv: str, en: str) -> Labels:
    return Labels(sv=sv, en=en)


TEXTS: Mapping[str, Labels] = {
    # drafts
    "from": _words("från {day}", "from {day}"),
    "for_everybody": _words("för alla", "for everybody"),
    "for": _words("för {whom}", "for {whom}"),
    "draft": _words("utkast {id}", "draft {id}"),
    "yes_from": _words("ja från {principal}", "yes from {principal}"),
    "missing": _words("saknas: {what}", "missing: {what}"),
    "yes_of_principal": _words(
        "ett ja från huvudmannen {principal}", "a yes from principal {principal}"
    ),
    "yes_of_another": _words(
        "ett ja från någon annan än författaren", "a yes from somebody else than the author"
    ),
    "trial": _words("provkörningen {name}", "trial {name}"),
    "gaps_left": _words(
        "{count} luckor i täckningen: åtgärda dem, eller --accept-gap KEY --reason TEXT",
        "{count} gaps of coverage: fix them, or --accept-gap KEY --reason TEXT",
    ),
    "nothing_missing": _words("Inget saknas. {command}", "Nothing is missing. {command}"),
    "published": _words("{name} är publicerat", "{name} is published"),
    "gaps": _words("Luckor i täckningen", "Gaps of coverage"),
    "promise": _words("löfte", "promise"),
    "within": _words("inom", "within"),
    "who": _words("vem är skyldig vem", "who owes whom"),
    "begins": _words("det som börjar", "what begins"),
    "why": _words("varför ingen nås", "why nobody is reached"),
    "of_step": _words("{promise} i {step}", "{promise} of {step}"),
    "and_on": _words("och framåt", "and on"),
    "first_gaps": _words(
        "De första {most} av {count}; alla: --json",
        "The first {most} of {count}; all of them: --json",
    ),
    # retired
    "retired": _words(
        "{pathway} tar inga nya förlopp från {day}", "{pathway} takes no new journeys from {day}"
    ),
    "stay": _words("Pågående förlopp stannar på den.", "Running journeys stay on it."),
    # migrations
    "migration": _words("flytt {id}", "migration {id}"),
    "to": _words("till {name}", "to {name}"),
    "comparing_now": _words(
        "Förloppen jämförs, ett efter ett. Ctrl-C låter det fortsätta; --id ID visar det senare.",
        "It compares, journey by journey. Ctrl-C leaves it to go on; --id ID shows it later.",
    ),
    "journeys": _words("Förlopp {first}–{last}", "Journeys {first}–{last}"),
    "becomes": _words("vad som händer med det", "what becomes of it"),
    "outcome": _words("utfall", "outcome"),
    "nobody": _words(
        "Inget pågående förlopp följer en annan version.",
        "No running journey goes by another version.",
    ),
    "no_ids": _words("inget förlopps id står i den.", "no journey id is in it."),
    "not_chosen": _words("{outcome}, inte valt", "{outcome}, not chosen"),
    "cannot": _words("kan inte flyttas, för {why}", "cannot move because {why}"),
    "new_step": _words("nytt steg {step}: {begins}", "new step {step}: {begins}"),
    "opens": _words("öppnar {step}", "opens {step}"),
    "gone": _words("inte längre {step}", "no longer {step}"),
    "due": _words("ska vara klart {clock}: {was} → {now}", "due {clock}: {was} → {now}"),
    "later": _words("öppnar senare", "opens later"),
    "not_applied": _words("tas inte med: tiden har gått", "not applied: its time has passed"),
    "due_from_origin": _words(
        "ska vara klart {due}, räknat från sin början", "due {due}, counted from its origin"
    ),
    "at_migration": _words(
        "öppnar vid flytten, inom {within}", "opens at the migration, within {within}"
    ),
    "asked_for": _words("{word} är begärt", "{word} is asked for"),
    "chosen": _words("{count} förlopp", "{count} journeys"),
    "all_shown": _words("alla som visades", "all that were shown"),
    "how_far": _words("Hur långt det har kommit: {command}", "How far it is: {command}"),
    # how far, verdicts and outcomes
    "comparing": _words("jämförs", "comparing"),
    "shown": _words("visat", "shown"),
    "moving": _words("flyttas", "moving"),
    "paused": _words("pausat", "paused"),
    "moved": _words("flyttat", "moved"),
    "undoing": _words("ångras", "undoing"),
    "undone": _words("ångrat", "undone"),
    "abandoned": _words("övergivet", "abandoned"),
    "refused": _words("nekat", "refused"),
    "unaffected": _words("berörs inte", "unaffected"),
    "changed": _words("ändras", "changed"),
    "cannot_move": _words("kan inte flyttas", "cannot move"),
    # what may be said next
    "next_shown": _words("--do move, eller --do abandon", "--do move, or --do abandon"),
    "next_moving": _words("--do pause, eller --do undo", "--do pause, or --do undo"),
    "next_paused": _words("--do resume, eller --do undo", "--do resume, or --do undo"),
    "next_moved": _words(
        "--do undo, så länge inget steg i den nya versionen har påbörjats",
        "--do undo, while no step of the new version has begun",
    ),
}


class Words:
    """The answers in one language."""

    def __init__(self, lang: Language) -> None:
        self.lang = lang

    def __call__(self, key: str, **values: object) -> str:
        """A text with its values in place."""
        return self.of(TEXTS[key]).format(**values)

    def of(self, label: Labels) -> str:
        """A label that stands elsewhere."""
        return in_lang(label, self.lang)
