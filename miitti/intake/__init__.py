"""What an employer decides about taking contacts in: its own questions, who gets letters, its privacy text."""
