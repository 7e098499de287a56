"""PostgreSQL: the only room with SQL. Tables, migrations, reads, and the one write."""
