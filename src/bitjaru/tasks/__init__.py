"""What a model is for: one option of `conf/task` a module."""
