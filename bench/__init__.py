"""How fast it is, as shares of what the engine itself can do on the same machine in the same run."""
