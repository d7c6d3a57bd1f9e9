"""What a company lays out on its booth: photos, papers to take along, links."""
