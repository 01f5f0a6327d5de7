"""MLflow's servers: its pages, and a model over HTTP."""
