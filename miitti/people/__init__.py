"""Who works with an event: people and organisations invited, changed and removed, what they did, what is kept."""
