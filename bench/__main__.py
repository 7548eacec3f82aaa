"""All measurements, one after the other, in one table: `python -m bench`, which is what `make bench` runs."""

import sys

from bench import catalogue_pages, drain, memory, orders, table, webhook_intake

if __name__ == "__main__":
    rows, wrong = [], 0
    for part in (webhook_intake, drain, orders, catalogue_pages, memory):
        print(f"{part.__name__} ...", file=sys.stderr, flush=True)
        found, unexpected = part.measure()
        rows += found
        wrong += unexpected
    table.show(rows)
    sys.exit(1 if wrong else 0)
