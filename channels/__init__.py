"""Ways to tell somebody: one file per kind."""
