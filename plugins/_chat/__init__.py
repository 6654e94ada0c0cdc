"""Connects NoneBot to `_talk`: settings, the command and notice registries, the dispatcher, sending."""
