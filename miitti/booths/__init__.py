"""A company's stand in a Miitti: the hall of stands, the stand's page, its texts."""
