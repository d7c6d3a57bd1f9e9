"""The show of a live Miitti: what the event page plays while the doors say live."""
