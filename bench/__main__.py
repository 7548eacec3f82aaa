"""All measurements, one after the other, in one table: `python -m bench`, which is what `make bench` runs."""

import argparse
import sys

from bench import catalogue_pages, drain, memory, orders, table, webhook_intake

PARTS = (webhook_intake, drain, orders, catalogue_pages, memory)

if __name__ == "__main__":
    alone = ", ".join(f"python -m {part.__name__}" for part in PARTS)
    argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure everything beside a floor and print one table; takes about ten minutes.",
        epilog=f"One part alone, with options of its own: {alone}.",
    ).parse_args()
    rows, wrong = [], 0
    for part in PARTS:
        print(f"{part.__name__} ...", file=sys.stderr, flush=True)
        found, unexpected = part.measure()
        for row in found:  # should a later part break, this much is known
            print(f"  {row.what}: {row.measured}", file=sys.stderr, flush=True)
        rows += found
        wrong += unexpected
    table.show(rows)
    sys.exit(1 if wrong else 0)
