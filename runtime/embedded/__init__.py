"""Real servers that need neither Docker nor root, for development and tests."""
