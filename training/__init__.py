"""How the data that ships with the engine was made: each file by one command, from named sources."""
