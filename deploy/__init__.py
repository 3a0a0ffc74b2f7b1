"""How dreamqueue is run: everything on one machine with one command, or in containers."""
