"""The stories again, on containers; collected only when this folder is named."""
