"""How fast it is, as shares of what the engine itself does on the same machine, in one run."""
