"""The version of this program; a test holds it equal to that in pyproject.toml and to the newest in CHANGELOG.md."""

VERSION = "1.1.0"
