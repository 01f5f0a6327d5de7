"""TF-IDF of n-grams without scikit-learn, whose import takes longer than the answer to a text."""
