"""A OneBot v11 implementation over an in-memory group, for the sandbox and the tests."""
