"""The hands: one small class per kind of effect, with what it needs handed in."""
