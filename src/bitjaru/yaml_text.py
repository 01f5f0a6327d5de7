"""Plain values as YAML: the text that OmegaConf would write, by libyaml."""

from typing import Any

import yaml

WORDS = frozenset({"y", "yes", "n", "no", "true", "false", "on", "off"})  # YAML's other names of true and false


def as_yaml(content: Any) -> str:
    """Writes plain values as OmegaConf does: a text that reads like a number or a truth value is quoted."""
    return yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=False)


class _Dumper(yaml.CDumper):
    """libyaml, with OmegaConf's rule for texts."""


def _text(dumper: yaml.CDumper, value: str) -> yaml.ScalarNode:
    quoted = value.lower() in WORDS or _is_number(value)
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="'" if quoted else None)


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


_Dumper.add_representer(str, _text)
