"""What a version of the plan changed: as data, and as one sentence in each language."""

from datetime import date
from typing import Any

from domain.plan import Goal, Measure, Plan
from domain.plan_history import plan_changes
from domain.profession import Profession
from tests import samples
from tests.samples import MONDAY

DAY = date(2026, 12, 1)


def goal(own_words: str = "Gå till bryggan.", **change: Any) -> Goal:
    given: dict[str, Any] = {"baseline": "10 m", "target": "300 m", "target_date": DAY}
    return Goal(own_words=own_words, **(given | change))


def measure(text: str = "Gångträning", **change: Any) -> Measure:
    given: dict[str, Any] = {"profession": Profession.FT, "frequency": "3 gånger i veckan"}
    return Measure(text=text, **(given | change))


def plan(*goals: Goal, measures: tuple[Measure, ...] = (measure(),), **change: Any) -> Plan:
    whole = samples.plan(MONDAY, **change)
    return whole.model_copy(update={"goals": goals, "measures": measures})


def test_a_version_that_says_the_same_says_so() -> None:
    changes = plan_changes(plan(goal()), plan(goal()))

    assert changes.sentence.sv == "Mål, åtgärder och uppföljningsdatum är desamma."
    assert changes.sentence.en == "Goals, measures and follow-up date are the same."
    assert not any(changes.model_dump(exclude={"sentence"}).values())


def test_a_goal_with_the_same_own_words_is_changed_and_not_another() -> None:
    before, after = goal(), goal(target="500 m")

    changes = plan_changes(plan(before), plan(after))

    assert [(c.before, c.after) for c in changes.goals_changed] == [(before, after)]
    assert changes.goals_added == changes.goals_removed == ()
    assert changes.sentence.sv == "1 mål ändras."
    assert changes.sentence.en == "1 goal changed."


def test_a_goal_in_other_words_is_a_new_one_and_the_old_one_is_gone() -> None:
    old, new = goal(), goal("Laga mat.")

    changes = plan_changes(plan(old), plan(new))

    assert (changes.goals_added, changes.goals_removed) == ((new,), (old,))
    assert changes.goals_changed == ()
    assert changes.sentence.sv == "1 mål läggs till och 1 mål tas bort."
    assert changes.sentence.en == "1 goal added and 1 goal removed."


def test_measures_are_known_by_their_text() -> None:
    walking, cooking, talking = measure(), measure("Matlagning"), measure("Samtal")
    oftener = measure(frequency="varje dag")

    changes = plan_changes(
        plan(goal(), measures=(walking, cooking)), plan(goal(), measures=(oftener, talking))
    )

    assert [(c.before, c.after) for c in changes.measures_changed] == [(walking, oftener)]
    assert (changes.measures_added, changes.measures_removed) == ((talking,), (cooking,))
    assert changes.sentence.sv == "1 åtgärd läggs till, 1 åtgärd ändras och 1 åtgärd tas bort."
    assert changes.sentence.en == "1 measure added, 1 measure changed and 1 measure removed."


def test_many_are_many_in_both_languages() -> None:
    measures = (measure("Samtal"), measure("Matlagning"))

    changes = plan_changes(
        plan(measures=(measure(),)), plan(goal("A"), goal("B"), measures=(measure(), *measures))
    )

    assert changes.sentence.sv == "2 mål läggs till och 2 åtgärder läggs till."
    assert changes.sentence.en == "2 goals added and 2 measures added."


def test_two_goals_in_the_same_words_pair_off_one_by_one() -> None:
    same, other = goal(), goal(target="500 m")

    changes = plan_changes(plan(same, same), plan(other, same, same))

    assert changes.goals_added == (other,)
    assert changes.goals_changed == ()
    assert changes.goals_removed == ()


def test_the_order_of_goals_changes_nothing() -> None:
    first, second = goal(), goal("Laga mat.")

    changes = plan_changes(plan(first, second), plan(second, first))

    assert changes.sentence.en == "Goals, measures and follow-up date are the same."


def test_a_follow_up_that_moves_is_said_with_its_day() -> None:
    changes = plan_changes(plan(goal()), plan(goal(), follow_up_on=date(2027, 1, 15)))

    assert changes.follow_up_on == date(2027, 1, 15)
    assert changes.sentence.sv == "Uppföljningen flyttas till 2027-01-15."
    assert changes.sentence.en == "Follow-up moves to 2027-01-15."
