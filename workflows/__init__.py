"""The durable shell: waiting and ordering, nothing else."""
