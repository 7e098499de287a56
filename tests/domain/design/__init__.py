"""What a designer does."""
