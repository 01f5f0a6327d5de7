-- Beside the studies' database, which PostgreSQL's image makes: one for MLflow.
CREATE DATABASE mlflow;
