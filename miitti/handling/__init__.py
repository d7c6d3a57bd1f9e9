"""How a company's people work through its leads together: notes, who takes whom, doubles, answers to many."""
