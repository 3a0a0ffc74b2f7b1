"""The stages that a worker can carry out, one module a kind: each turns a plan's parameters into the engine's."""
