"""Deciding about questions: the queue, what moderators do to a question or a channel, and the export."""
