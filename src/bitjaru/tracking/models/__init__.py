"""A model as MLflow keeps it: raw text in, answers out, asked in a process of its own."""
