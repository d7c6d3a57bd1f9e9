"""A whole, living Miitti for trying the program out: drawn videos, texts, people and a mail sink."""
