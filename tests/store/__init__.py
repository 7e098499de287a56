"""The one write, the reads, the fences and the migrations, on a real PostgreSQL."""
