"""An organisation as its people and its hosts describe it: names, how it is reached, since when, its logo."""
