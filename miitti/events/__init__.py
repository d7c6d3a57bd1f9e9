"""A Miitti: its times, doors, co-hosts and programme, and the one page it has all its life."""
