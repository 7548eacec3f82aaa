"""All measurements, one after the other: `python -m bench`, which is what `make bench` runs."""

import sys

from bench import drain, orders, webhook_intake

if __name__ == "__main__":
    sys.exit(max(measure.main([]) for measure in (webhook_intake, drain, orders)))
