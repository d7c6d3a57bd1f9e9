"""What remains of a show: trimmed, captioned, published, downloaded, and made lighter for thin lines."""
