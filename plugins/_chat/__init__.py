"""The glue between NoneBot and the talk: settings, the two registries, the dispatcher, sending."""
