"""One module a command: a typed request, the steps in order, a typed result."""
