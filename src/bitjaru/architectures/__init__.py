"""How embedded tokens become features: one option of `conf/architecture` names a class here."""
