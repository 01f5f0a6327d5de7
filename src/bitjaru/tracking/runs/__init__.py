"""A run as MLflow hears of it: kept in its folder first, sent as soon as MLflow answers."""
