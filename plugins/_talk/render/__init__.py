"""An agenda or a reminder becomes something to send: pure functions of frozen data."""
