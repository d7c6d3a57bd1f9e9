"""What came of a lead in the end: asked with one tap two weeks later, counted without names."""
