"""The professions of rehabilitation, by the codes of the glossary."""

from enum import StrEnum


class Profession(StrEnum):
    """Professions; the first four are the core of the programme (R-092)."""

    FT = "FT"
    AT = "AT"
    LOG = "LOG"
    DIET = "DIET"
    KUR = "KUR"
    SPED = "SPED"
    PSYK = "PSYK"
    SSK = "SSK"
    USK = "USK"
    LAK = "LAK"
    BIST = "BIST"


WORDS: dict[Profession, str] = {
    Profession.FT: "fysioterapeut",
    Profession.AT: "arbetsterapeut",
    Profession.LOG: "logoped",
    Profession.DIET: "dietist",
    Profession.KUR: "kurator",
    Profession.SPED: "specialpedagog",
    Profession.PSYK: "psykolog",
    Profession.SSK: "sjuksköterska",
    Profession.USK: "undersköterska",
    Profession.LAK: "läkare",
    Profession.BIST: "biståndshandläggare",
}
