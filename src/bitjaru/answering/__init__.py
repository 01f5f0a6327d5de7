"""What a person or a program sees of a model's answers: sentences, explanations, whole files."""
