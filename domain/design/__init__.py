"""What a designer does with pathways: read, check, compose, compare, try out, draw."""
