"""The signs that the document's fonts can draw: no typesetter is asked, whoever wrote what.

Letters of the alphabets that the fonts know, punctuation, figures, arrows and common symbols. A
test sets every one of them, so a font that loses a sign is found there and not by a patient.
"""

from bisect import bisect_right

# First and last code points in hexadecimal, in order. Signs in between that are never asked for
# (unassigned, marks, spaces, those that NFC writes otherwise) may be counted in.
_DRAWN = """
21-4ff 510-513 51a-51d 531-60c 61b 61f 621-63a 640-66d 674 679-67b 67e-680 683-684 686-687
691 698 6a4 6a9 6af 6be 6cc 6f0-6f9 10d0-10ff 1e00-2040 2042 2044-2052 2054-211e 2120 2122
2124 2127-2151 2153-2184 2189 2190-23ff 2422-2423 2460-2606 2609-262f 2638-268b 2690-269c
26a0-26a7 26aa-26af 26b2 2701-2704 2706-2709 270c-2714 2717-2726 272a-274b 274d 274f-2752
2756 2758-275e 2761-277f 2794 2798-27af 27b1-27ff 2c60-2c7f
"""


def _read(span: str) -> tuple[int, int]:
    first, _, last = span.partition("-")
    return int(first, 16), int(last or first, 16)


SPANS = tuple(_read(span) for span in _DRAWN.split())
_FIRSTS = tuple(first for first, _ in SPANS)


def can_be_drawn(character: str) -> bool:
    """Whether a font of ours has the character; for one that is printable, and in NFC."""
    code = ord(character)
    place = bisect_right(_FIRSTS, code) - 1
    return place >= 0 and code <= SPANS[place][1]
