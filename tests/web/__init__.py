"""What people read, parsed again by others than those who wrote it."""
