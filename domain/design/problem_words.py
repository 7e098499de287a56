"""What problems in a pathway file are called, and what is said of them, in both languages."""

from collections.abc import Mapping
from typing import get_args

from domain.value import Key, Labels


def _words(sv: str, en: str) -> Labels:
    return Labels(sv=sv, en=en)


TEXTS: Mapping[str, Labels] = {
    # The file as text.
    "file_too_large": _words(
        "Filen är större än {limit} byte och läses inte.",
        "The file is larger than {limit} bytes and is not read.",
    ),
    "empty_file": _words("Filen är tom.", "The file is empty."),
    "control_character": _words(
        "Styrtecken ({character}) får inte förekomma.",
        "Control characters ({character}) are not allowed.",
    ),
    "tab": _words("Tabbtecken får inte förekomma; använd blanksteg.", "No tabs; use spaces."),
    "syntax": _words("Filen går inte att läsa härifrån: {why}.", "Not readable from here: {why}."),
    "too_many_problems": _words(
        "Fler än {limit} fel; resten visas när de första är rättade.",
        "More than {limit} problems; the rest are shown when the first are put right.",
    ),
    # What YAML can and a pathway may not.
    "not_a_mapping": _words(
        "Filen ska bestå av fält med värden, som language: 1.",
        "The file must consist of fields with values, such as language: 1.",
    ),
    "several_documents": _words(
        "En fil får bara innehålla ett dokument; dela upp den.",
        "A file holds one document only; split it.",
    ),
    "directive": _words(
        "YAML-direktiv (rader som börjar med %) får inte förekomma.",
        "YAML directives (lines that begin with %) are not allowed.",
    ),
    "alias": _words(
        "Alias (*namn) får inte förekomma; skriv ut innehållet.",
        "Aliases (*name) are not allowed; write the content out.",
    ),
    "anchor": _words("Ankare (&namn) får inte förekomma.", "Anchors (&name) are not allowed."),
    "tag": _words("Taggar (!typ) får inte förekomma.", "Tags (!type) are not allowed."),
    "merge_key": _words(
        "Sammanslagning (<<) får inte förekomma; skriv ut fälten.",
        "Merging (<<) is not allowed; write the fields out.",
    ),
    "duplicate_key": _words(
        "Fältet {name} står redan på rad {first}.", "The field {name} stands on line {first} too."
    ),
    "key_not_text": _words(
        "Ett fältnamn ska vara text; sätt det inom citattecken om det är avsiktligt.",
        "A field's name must be text; quote it if it is meant.",
    ),
    "too_deep": _words(
        "Innehållet ligger i fler än {limit} nivåer.", "Nested in more than {limit} levels."
    ),
    "too_many_nodes": _words(
        "Filen har fler än {limit} värden.", "The file has more than {limit} values."
    ),
    # What the pathway's language says.
    "missing_field": _words("Fältet {name} saknas.", "The field {name} is missing."),
    "unknown_field": _words("Okänt fält: {name}.", "Unknown field: {name}."),
    "text_wanted": _words(
        "Här ska det stå en text; sätt tal, true och false inom citattecken.",
        "A text is wanted here; quote numbers, true and false.",
    ),
    "text_too_short": _words(
        "Texten är för kort; minst {limit} tecken.",
        "The text is too short; characters at least: {limit}.",
    ),
    "text_too_long": _words(
        "Texten är för lång; högst {limit} tecken.",
        "The text is too long; characters at most: {limit}.",
    ),
    "text_form": _words(
        "Texten har inte rätt form; mönstret är {pattern}",
        "The text does not have the right form; the pattern is {pattern}",
    ),
    "key_form": _words(
        "En nyckel börjar med a–z och har högst 40 tecken: små bokstäver a–z, siffror, _ och -.",
        "A key begins with a–z and has at most 40 characters: small letters a–z, digits, _ and -.",
    ),
    "whole_number_wanted": _words("Här ska det stå ett heltal.", "A whole number is wanted here."),
    "number_wanted": _words("Här ska det stå ett tal.", "A number is wanted here."),
    "true_or_false_wanted": _words(
        "Här ska det stå true eller false.", "True or false is wanted here."
    ),
    "too_small": _words("Talet ska vara minst {limit}.", "The number must be at least {limit}."),
    "too_large": _words("Talet får vara högst {limit}.", "The number may be at most {limit}."),
    "not_above": _words("Talet ska vara större än {limit}.", "The number must exceed {limit}."),
    "not_below": _words("Talet ska vara mindre än {limit}.", "The number must be below {limit}."),
    "not_one_of": _words(
        "Värdet är inte ett av de tillåtna: {allowed}.", "The value is none of: {allowed}."
    ),
    "too_few": _words(
        "Listan är för kort; minsta antal är {limit}.",
        "The list is too short; items at least: {limit}.",
    ),
    "too_many": _words(
        "Listan är för lång; största antal är {limit}.",
        "The list is too long; items at most: {limit}.",
    ),
    "fields_wanted": _words(
        "Här ska det stå fält med värden.", "Fields with values are wanted here."
    ),
    "list_wanted": _words("Här ska det stå en lista.", "A list is wanted here."),
    "nothing_wanted": _words("Här ska det vara tomt.", "Nothing is wanted here."),
    "date_wanted": _words(
        "Här ska det stå ett datum, som 2026-10-05.", "A date is wanted here, such as 2026-10-05."
    ),
    "time_wanted": _words(
        "Här ska det stå ett klockslag, som 16:30.", "A time of day is wanted here, such as 16:30."
    ),
    "instant_wanted": _words(
        "Här ska det stå en tidpunkt med tidszon, som 2026-10-05T08:00+02:00.",
        "An instant with its offset is wanted here, such as 2026-10-05T08:00+02:00.",
    ),
    "rule_broken": _words("Regeln bryts: {why}", "{why}"),
    "not_accepted": _words("Värdet godtas inte ({kind}).", "The value is not accepted ({kind})."),
}
NEAREST = _words(" Menade du {nearest}?", " Did you mean {nearest}?")

# How pydantic calls an error, and which problem that is; what begins so comes last.
BY_TYPE: Mapping[str, str] = {
    "missing": "missing_field",
    "union_tag_not_found": "missing_field",
    "extra_forbidden": "unknown_field",
    "string_type": "text_wanted",
    "string_too_short": "text_too_short",
    "string_too_long": "text_too_long",
    "string_pattern_mismatch": "text_form",
    "int_type": "whole_number_wanted",
    "int_parsing": "whole_number_wanted",
    "int_parsing_size": "whole_number_wanted",
    "int_from_float": "whole_number_wanted",
    "float_type": "number_wanted",
    "float_parsing": "number_wanted",
    "finite_number": "number_wanted",
    "bool_type": "true_or_false_wanted",
    "bool_parsing": "true_or_false_wanted",
    "greater_than_equal": "too_small",
    "less_than_equal": "too_large",
    "greater_than": "not_above",
    "less_than": "not_below",
    "literal_error": "not_one_of",
    "enum": "not_one_of",
    "union_tag_invalid": "not_one_of",
    "too_short": "too_few",
    "too_long": "too_many",
    "model_type": "fields_wanted",
    "model_attributes_type": "fields_wanted",
    "dict_type": "fields_wanted",
    "mapping_type": "fields_wanted",
    "tuple_type": "list_wanted",
    "list_type": "list_wanted",
    "set_type": "list_wanted",
    "frozen_set_type": "list_wanted",
    "iterable_type": "list_wanted",
    "none_required": "nothing_wanted",
    "value_error": "rule_broken",
    "assertion_error": "rule_broken",
}
BY_PREFIX = (
    ("datetime_", "instant_wanted"),
    ("timezone_", "instant_wanted"),
    ("date_", "date_wanted"),
    ("time_type", "time_wanted"),
    ("time_parsing", "time_wanted"),
)
KEY_PATTERN: str = get_args(Key)[1].pattern

# Why a text is no YAML: how the parser says it, and how we do. The first that fits is said.
_INDENT = _words(
    "indraget stämmer inte med raderna ovanför, eller så saknas ett kolon eller bindestreck",
    "the indent does not fit the lines above, or a colon or dash is missing",
)
_SYNTAX: tuple[tuple[str, Labels], ...] = (
    (
        "mapping values are not allowed",
        _words(
            "ett kolon står där inget värde kan börja; sätt texten inom citattecken",
            "a colon stands where no value can begin; quote the text",
        ),
    ),
    (
        "could not find expected ':'",
        _words("ett kolon saknas efter fältets namn", "a colon is missing after the field's name"),
    ),
    (
        "cannot start any token",
        _words(
            "tecknet kan inte inleda ett värde; sätt texten inom citattecken",
            "this character cannot begin a value; quote the text",
        ),
    ),
    (
        "unexpected end of stream",
        _words(
            "en text inom citattecken avslutas aldrig", "a text within quotation marks never ends"
        ),
    ),
    (
        "expected ',' or",
        _words(
            "ett kommatecken eller en avslutande klammer saknas",
            "a comma or a closing bracket is missing",
        ),
    ),
    (
        "escape",
        _words(
            "ett omvänt snedstreck följs av något okänt; använd enkla citattecken",
            "a backslash is followed by something unknown; use single quotes",
        ),
    ),
    (
        "tag",
        _words(
            "ett utropstecken inleder en tagg; sätt texten inom citattecken",
            "an exclamation mark begins a tag; quote the text",
        ),
    ),
    (
        "alphabetic or numeric",
        _words(
            "* och & har en egen betydelse; sätt texten inom citattecken",
            "* and & have a meaning of their own; quote the text",
        ),
    ),
    ("directive", _words("en rad kan inte börja med %", "a line cannot begin with %")),
    (
        "node content",
        _words("här saknas ett värde, eller så står en klammer fel", "a value is missing here"),
    ),
    (
        "sequence entries are not allowed",
        _words("en listpost kan inte börja här", "an item of a list cannot begin here"),
    ),
    ("expected key", _INDENT),
    ("expected '-'", _INDENT),
    ("<document start>", _INDENT),
)
_NO_YAML = _words("texten följer inte YAML:s regler", "the text does not follow YAML's rules")


def syntax_words(said: str) -> Labels:
    """Why a text is no YAML, from what the parser says of it."""
    return next((words for part, words in _SYNTAX if part in said), _NO_YAML)
