"""What callers meet: the API over real HTTP, on the real engine and store."""
