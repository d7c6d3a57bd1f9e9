"""Questions: asked, moderated, answered and voted on, live and in writing."""
