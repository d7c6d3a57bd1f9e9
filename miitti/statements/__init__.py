"""The statements every public service in Finland owes its users: accessibility and privacy."""
