"""The doors: HTTP in; one update or one read out."""
