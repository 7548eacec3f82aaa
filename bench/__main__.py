"""All measurements, one after the other: `python -m bench` (what `make bench` runs); each is a command of its own too."""

import sys

from bench import drain, orders, webhook_intake

if __name__ == "__main__":
    sys.exit(max(measure.main([]) for measure in (webhook_intake, drain, orders)))
