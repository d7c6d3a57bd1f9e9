"""People, organisations, what each may do, and getting in without a password."""
