"""Getting people to come: calendar files, reminders by e-mail, counted partner links."""
