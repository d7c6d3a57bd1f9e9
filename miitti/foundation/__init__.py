"""What every room stands on: settings, database, journal, jobs, mail, pages. It imports no room."""
