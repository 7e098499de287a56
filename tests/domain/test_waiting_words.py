"""Every reason to wait can be read by people."""

import ast
import inspect

from domain import waiting, waiting_words
from domain.delay import DelayReason, Pause
from domain.waiting import WaitKind


def test_every_code_of_waiting_has_its_words_and_no_words_are_left_over() -> None:
    whys = {*DelayReason, *Pause, *_written_in(waiting._why)}
    whys |= _written_in(waiting._for_intervention) - {"rehab"}

    assert set(waiting_words.KINDS) == set(WaitKind)
    assert set(waiting_words.WHYS) == {str(why) for why in whys}


def _written_in(function: object) -> set[str]:
    """The codes that stand in a function's source; its sentences have spaces."""
    tree = ast.parse(inspect.getsource(function))  # type: ignore[arg-type]
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {c for c in constants if isinstance(c, str) and c.isidentifier()}
