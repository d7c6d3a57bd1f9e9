"""What spreads the word: share images, posters, ready texts, feeds, and links that tell who brought people."""
