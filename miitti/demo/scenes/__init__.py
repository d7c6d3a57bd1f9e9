"""The six films of the demo, one scene of work each."""
