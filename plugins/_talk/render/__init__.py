"""Rendering agendas, minutes and reminders as messages, documents and pictures: pure functions of frozen data."""
