"""The rules: pure functions over data. No clock, no I/O, no Temporal, no SQL."""
