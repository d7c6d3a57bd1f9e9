"""From an uploaded file to a playable, captioned video."""
