"""Parts that any sender may name, with the kinds of units that may hold them."""

from domain.unit import UnitKind
from domain.value import Key, Labels, Value

COORDINATION = "coordination"


class PartDefinition(Value):
    """A part of the journey, and the kinds of units that may hold it; empty is health care."""

    key: Key
    label: Labels
    held_by: tuple[UnitKind, ...] = ()
    from_start: bool = False


def _part(key: str, sv: str, en: str, *held_by: UnitKind) -> PartDefinition:
    return PartDefinition(key=key, label=Labels(sv=sv, en=en), held_by=held_by)


STANDARD_PARTS = {
    part.key: part
    for part in (
        _part(COORDINATION, "Samordning", "Coordination"),
        _part("rehab", "Rehabilitering", "Rehabilitation"),
        _part("home_health_care", "Hemsjukvård", "Home health care", UnitKind.HOME_HEALTH_CARE),
        _part(
            "social_assessment", "Biståndsbedömning", "Care assessment", UnitKind.CARE_ASSESSMENT
        ),
        _part("home_help", "Hemtjänst", "Home help", UnitKind.HOME_HELP),
        _part("special_housing", "Särskilt boende", "Special housing", UnitKind.SPECIAL_HOUSING),
        _part(
            "short_term_housing", "Korttidsboende", "Short-term care", UnitKind.SHORT_TERM_HOUSING
        ),
        _part("aids", "Hjälpmedel", "Assistive devices", UnitKind.ASSISTIVE_DEVICE_CENTRE),
        _part("school", "Skola och förskola", "School and preschool", UnitKind.SCHOOL),
        _part("habilitation", "Habilitering", "Habilitation", UnitKind.HABILITATION),
    )
}
