"""Form bodies and queries in Stripe's bracket notation, as nested dicts."""

import re
from collections.abc import Iterable
from typing import Any

from sandbox.stripe.errors import invalid

KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")


def decode(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Turn `items[0][price]=p` into `{"items": {"0": {"price": "p"}}}`; `a[]` counts up by itself.

    Lists stay dicts with numbers as keys; `sandbox.stripe.parameters` makes lists of them where one is expected. Raises
    StripeError for a name that is both a value and a hash.
    """
    tree: dict[str, Any] = {}
    for key, value in pairs:
        match = KEY.match(key)
        if match is None:
            raise invalid(f"Invalid parameter name: {key}", key)
        path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        node = tree
        for here in path[:-1]:
            node = node.setdefault(here or str(len(node)), {})
            if not isinstance(node, dict):
                raise invalid(f"Invalid hash: {key}", key)
        node[path[-1] or str(len(node))] = value
    return tree
