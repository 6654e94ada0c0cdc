"""The other side of the wire: a OneBot v11 implementation over a group in memory, for the sandbox and the tests."""
