"""How weights are changed: one option of `conf/optimizer` a module."""
