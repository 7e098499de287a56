"""The picture of what can be expected: a bar for each step, and the load of each unit, as SVG.

It stands on its own and says everything in text: it is read without colour, and aloud.
"""

import re
import textwrap
from collections.abc import Iterator
from html import escape
from typing import Literal

from domain.design.chance_count import Expected, HandoverChance, Share, StepChance, UnitLoad
from domain.pathway import Definition
from domain.value import Labels

Language = Literal["sv", "en"]

WIDTH, EDGE = 960, 24
LINE, SMALL_LINE, GAP = 19, 17, 14
# Where the bars of steps begin, and how long a whole one is; then what they say in text.
BARS, WHOLE, SAID = 380, 320, 720
# Where the columns of load begin, and how long the longest bar of each is.
COLUMNS, COLUMN = (380, 515, 650, 810), 100
WRAP, MOST_LINES = 44, 3
INK, QUIET, LINES, FILL, RIM = "#1a1a1a", "#4a4a4a", "#d0d0d0", "#a9cbe8", "#1f5a96"
# What XML has no place for, in any spelling.
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_OVERDUE = Labels(sv="Steg som blir försenade", en="Steps that become overdue")
_INTERVAL = Labels(
    sv="Strecket är ett 95-procentigt konfidensintervall (Wilson).\n"
    "Det visar vad antalet körningar räcker till, inte om antagandena stämmer.",
    en="The line is a 95 per cent confidence interval (Wilson).\n"
    "It shows what the number of runs is good for, not whether the assumptions are right.",
)
_LOAD = Labels(
    sv="Belastning per enhet, i snitt för en patient",
    en="Load per unit, on average for one patient",
)
_HEADS = (
    Labels(sv="Mottagna\növerlämningar", en="Handovers\nreceived"),
    Labels(sv="Öppna steg\nåt gången", en="Steps open\nat a time"),
    Labels(sv="Nya steg, den\nvecka det är flest", en="New steps, in\nthe busiest week"),
    Labels(sv="Påminnelser,\nutan upprepningar", en="Reminders, not\ncounting repeats"),
)
_NEVER = Labels(sv="öppnas aldrig", en="never opens")


def draw(expected: Expected, definition: Definition, language: Language) -> str:
    """The picture in one language."""
    page = _Page(expected, definition, language)
    page.head()
    page.steps()
    page.load()
    return page.svg()


class _Page:
    """What is drawn so far, from the top; `y` is where the next line stands."""

    def __init__(self, expected: Expected, definition: Definition, language: Language) -> None:
        self.expected, self.definition, self.language = expected, definition, language
        self.drawn = list[str]()
        self.y = EDGE + 10

    def svg(self) -> str:
        """The whole, with its title and with everything that it says as text."""
        height = self.y + EDGE
        title = f"{_in(self.language, _OVERDUE)}: {self._pathway()}"
        return "\n".join(
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
                f' width="{WIDTH}" height="{height}" role="img" xml:lang="{self.language}"'
                ' aria-labelledby="chance-title chance-desc"'
                ' font-family="system-ui, sans-serif" font-size="14">',
                f'<title id="chance-title">{_text(title)}</title>',
                f'<desc id="chance-desc">{_text(" ".join(self._sentences()))}</desc>',
                f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
                *self.drawn,
                "</svg>",
            )
        )

    def head(self) -> None:
        """The pathway, and how it goes on the whole."""
        self._write(EDGE, self._pathway(), size=20, bold=True)
        self.y += LINE + 4
        self._write(EDGE, self._summary(), colour=QUIET)
        self.y += LINE + GAP

    def steps(self) -> None:
        """A bar for each step, its interval as a whisker, and both in text."""
        self._panel(_in(self.language, _OVERDUE))
        self._scale()
        for step in self.expected.steps:
            self._step(step)
        for line in _in(self.language, _INTERVAL).split("\n"):
            self._write(EDGE, line, colour=QUIET, size=13)
            self.y += SMALL_LINE
        self.y += GAP

    def load(self) -> None:
        """A row for each unit, with a number and a bar in each column."""
        self._panel(_in(self.language, _LOAD))
        for x, head in zip(COLUMNS, _HEADS, strict=True):
            for place, line in enumerate(_in(self.language, head).split("\n")):
                self._write(x, line, colour=QUIET, size=13, down=place * SMALL_LINE)
        self.y += 2 * SMALL_LINE + GAP
        most = [max(m, default=0.0) for m in zip(*map(_measures, self.expected.units), strict=True)]
        for unit in self.expected.units:
            self._unit(unit, most)

    def _panel(self, name: str) -> None:
        self._rule(self.y - LINE + 2)
        self.y += 6
        self._write(EDGE, name, size=16, bold=True)
        self.y += LINE + GAP

    def _scale(self) -> None:
        for part in (0, 0.25, 0.5, 0.75, 1):
            self._write(BARS + WHOLE * part, self._percent(part), "middle", colour=QUIET, size=12)
        self.y += LINE + 2

    def _step(self, step: StepChance) -> None:
        top = self.y
        for place, line in enumerate(_wrapped(self._label(step.step))):
            self._write(EDGE, line, down=place * SMALL_LINE)
            self.y = top + place * SMALL_LINE
        handed = self._handed(step)
        if handed is not None and handed.unanswered.of:
            self.y += SMALL_LINE
            self._write(EDGE, self._answers(handed), colour=QUIET, size=12)
        self._bar(step.overdue, top - 12)
        self._write(SAID, self._said(step.overdue), bold=True, at=top)
        if step.overdue.of:
            self._write(SAID, self._of(step.overdue), colour=QUIET, size=12, at=top + SMALL_LINE)
        self.y = max(self.y, top + SMALL_LINE) + LINE + 8

    def _bar(self, share: Share, top: int) -> None:
        for part in (0, 0.25, 0.5, 0.75, 1):
            x = BARS + WHOLE * part
            self.drawn.append(_line(x, top - 4, x, top + 20, LINES))
        if share.share is None:
            return
        self._filled(BARS, top, WHOLE * share.share, 16)
        low, high, middle = BARS + WHOLE * share.low, BARS + WHOLE * share.high, top + 8
        self.drawn.append(_line(low, middle, high, middle, INK, 2))
        self.drawn += [_line(x, middle - 5, x, middle + 5, INK, 2) for x in (low, high)]

    def _unit(self, unit: UnitLoad, most: list[float]) -> None:
        top = self.y
        for place, line in enumerate(_wrapped(unit.name)):
            self._write(EDGE, line, down=place * SMALL_LINE)
            self.y = top + place * SMALL_LINE
        said = self._measures(unit)
        for x, amount, words, whole in zip(COLUMNS, _measures(unit), said, most, strict=True):
            self._write(x, words, at=top)
            if amount:
                self._filled(x, top + 6, COLUMN * amount / whole, 8)
        self.y = max(self.y, top + 8) + LINE + 10

    def _filled(self, x: float, y: float, width: float, height: float) -> None:
        self.drawn.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
            f' fill="{FILL}" stroke="{RIM}"/>'
        )

    def _rule(self, y: float) -> None:
        self.drawn.append(_line(EDGE, y, WIDTH - EDGE, y, LINES))

    def _write(
        self,
        x: float,
        words: str,
        anchor: str = "start",
        *,
        at: float | None = None,
        down: float = 0,
        colour: str = INK,
        size: int = 14,
        bold: bool = False,
    ) -> None:
        y = (self.y if at is None else at) + down
        weight = ' font-weight="600"' if bold else ""
        self.drawn.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}"'
            f' text-anchor="{anchor}"{weight}>{_text(words)}</text>'
        )

    def _sentences(self) -> Iterator[str]:
        """Everything that the picture shows, as it is read aloud."""
        yield self._summary()
        for step in self.expected.steps:
            handed, of = self._handed(step), f", {self._of(step.overdue)}"
            said = self._said(step.overdue) + (of if step.overdue.of else "")
            answers = f"; {self._answers(handed)}" if handed and handed.unanswered.of else ""
            yield f"{self._label(step.step)}: {said}{answers}."
        yield f"{_in(self.language, _LOAD)}."
        heads = [" ".join(_in(self.language, head).split()) for head in _HEADS]
        for unit in self.expected.units:
            said = ", ".join(f"{h} {m}" for h, m in zip(heads, self._measures(unit), strict=True))
            yield f"{unit.name}: {said}."

    def _pathway(self) -> str:
        return _in(self.language, self.definition.label)

    def _label(self, key: str) -> str:
        step = self.definition.step(key)
        return _in(self.language, step.label) if step else key

    def _handed(self, step: StepChance) -> HandoverChance | None:
        return next((h for h in self.expected.handovers if h.step == step.step), None)

    def _summary(self) -> str:
        runs, closed = self.expected.runs, self._percent(self.expected.closed.share or 0)
        half, most = self.expected.days_median, self.expected.days_p90
        if half is None or most is None:
            said = Labels(
                sv=f"{runs} körningar; ingen avslutades.", en=f"{runs} runs; none was closed."
            )
            return _in(self.language, said)
        said = Labels(
            sv=f"{runs} körningar; {closed} avslutades, av dem hälften inom {half:.0f} dagar och"
            f" nio av tio inom {most:.0f} dagar.",
            en=f"{runs} runs; {closed} were closed, half of them within {half:.0f} days and nine"
            f" in ten within {most:.0f} days.",
        )
        return _in(self.language, said)

    def _said(self, share: Share) -> str:
        if share.share is None:
            return _in(self.language, _NEVER)
        low, high = self._percent(share.low).rstrip("\u00a0%"), self._percent(share.high)
        return f"{self._percent(share.share)} ({low}–{high})"

    def _of(self, share: Share) -> str:
        of = Labels(sv=f"{share.count} av {share.of}", en=f"{share.count} of {share.of}")
        return _in(self.language, of)

    def _answers(self, handed: HandoverChance) -> str:
        late = self._percent(handed.unanswered.share or 0)
        no = self._percent(handed.declined.share or 0)
        said = Labels(
            sv=f"utan svar i tid {late}, återsända {no}, av {handed.unanswered.of} skickade",
            en=f"unanswered in time {late}, declined {no}, of {handed.unanswered.of} sent",
        )
        return _in(self.language, said)

    def _measures(self, unit: UnitLoad) -> tuple[str, ...]:
        said = [self._number(amount) for amount in _measures(unit)]
        if unit.busiest_week is not None:
            year, _, week = unit.busiest_week.partition("-W")
            said[2] += _in(
                self.language, Labels(sv=f" (v. {week}, {year})", en=f" (W{week} {year})")
            )
        return tuple(said)

    def _percent(self, share: float) -> str:
        """Whole per cents; but what is little is not nothing, nor is nearly all everything."""
        whole = 0.01 <= share <= 0.99 or share in (0, 1)
        return self._local(f"{share:.0%}" if whole else f"{share:.1%}").replace(
            "%", "\u00a0%" if self.language == "sv" else "%"
        )

    def _number(self, amount: float) -> str:
        if not amount:
            return "0"
        return self._local(f"{amount:.1f}" if amount >= 0.095 else f"{amount:.2f}")

    def _local(self, number: str) -> str:
        return number.replace(".", ",") if self.language == "sv" else number


def _measures(unit: UnitLoad) -> tuple[float, ...]:
    return unit.handovers, unit.open_steps, unit.busiest, unit.reminders


def _wrapped(words: str) -> list[str]:
    return textwrap.wrap(words, WRAP, max_lines=MOST_LINES, placeholder=" …") or [""]


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: int = 1) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"'
        f' stroke-width="{width}"/>'
    )


def _text(words: str) -> str:
    return escape(_UNFIT.sub("", words))


def _in(language: Language, words: Labels) -> str:
    return words.sv if language == "sv" else words.en
