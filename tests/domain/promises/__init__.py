"""The machine that tries the promises: the cast, what is done, and what must hold."""
