"""Every shipped pathway, played to its end on the pure core and on the real engine."""
