"""Pictures of a study for documents, one a file: they take trials and return a figure, and `study_plots` saves it.

Optuna's own drawings for Matplotlib cut names off, write them over each other and hide 1,000 trials behind the last.
"""
