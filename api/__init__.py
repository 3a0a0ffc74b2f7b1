"""What a client touches: the HTTP API, its Python client and the `dreamqueue` command."""
