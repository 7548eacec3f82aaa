"""Tax transactions, the record of what was sold and taxed: https://docs.stripe.com/api/tax/transactions."""

from typing import Any

from sandbox.stripe import errors, lists
from sandbox.stripe.models import Call, merge_metadata, new_id, shown

LINE_FIELDS = ("amount", "amount_tax", "livemode", "metadata", "product", "quantity", "reference", "tax_behavior")


def create_from_calculation(call: Call) -> dict[str, Any]:
    """POST /v1/tax/transactions/create_from_calculation: a reference is used once."""
    params = call.params
    calculation = call.find("tax.calculation", params["calculation"], "calculation")
    if calculation["expires_at"] < call.now():
        raise errors.refused("The calculation has expired. Calculate the tax again.", param="calculation")
    _check_reference(call)
    lines = [
        _line({**{name: line[name] for name in LINE_FIELDS}, "tax_code": line["tax_code"]}, None)
        for line in call.world.store.table("stripe.tax.line_items")[calculation["id"]]
    ]
    cost = calculation["shipping_cost"]
    shipping = {name: value for name, value in cost.items() if name != "tax_breakdown"} if cost else None
    return _store(call, calculation, lines, shipping, None)


def create_reversal(call: Call) -> dict[str, Any]:
    """POST /v1/tax/transactions/create_reversal: all of a transaction (`full`) or some of it (`partial`).

    A partial one names lines with negative amounts, or a negative `flat_amount` with tax in it, which is spread over
    all lines by what is left of them. A partial one that should not have been is itself reversed in full, as
    docs.stripe.com/tax/off-stripe tells under "Undo a partial refund"; a reversal of the whole is not taken back.
    """
    params = call.params
    original = call.find("tax.transaction", params["original_transaction"], "original_transaction")
    if original["type"] == "reversal" and (original["_mode"] == "full" or params["mode"] == "partial"):
        raise errors.refused("A reversal cannot be reversed.", param="original_transaction")
    _check_reference(call)
    old = call.world.store.table("stripe.tax.line_items")[original["id"]]
    if params["mode"] == "full":
        if _reversals(call, original["id"]):
            message = f"Transaction {original['id']} has been reversed before and cannot be fully reversed."
            raise errors.refused(message, param="original_transaction")
        lines = [_reversed(line, -line["amount"], -line["amount_tax"]) for line in old]
        cost = original["shipping_cost"]
        shipping = {**cost, "amount": -cost["amount"], "amount_tax": -cost["amount_tax"]} if cost else None
    elif "flat_amount" in params:
        left = _left(call, original, old)
        lines, shipping = _spread(original, old, left, params["flat_amount"])
    else:
        lines, shipping = _named(original, old, params)
    return _store(call, original, lines, shipping, {"original_transaction": original["id"]}, params["mode"])


def get(call: Call) -> dict[str, Any]:
    """GET /v1/tax/transactions/{id}."""
    return call.find("tax.transaction", call.ids[0])


def list_lines(call: Call) -> dict[str, Any]:
    """GET /v1/tax/transactions/{id}/line_items."""
    owner_id = call.find("tax.transaction", call.ids[0])["id"]
    rows = call.world.store.table("stripe.tax.line_items").get(owner_id, [])
    return lists.cut(call.params, rows, f"/v1/tax/transactions/{owner_id}/line_items", "line item")


def _transactions(call: Call) -> list[dict[str, Any]]:
    return list(call.table("tax.transaction").values())


def _reversals(call: Call, original_id: str) -> list[dict[str, Any]]:
    reversal = {"original_transaction": original_id}
    return [row for row in _transactions(call) if row["reversal"] == reversal]


def _left(call: Call, original: dict[str, Any], old: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Return what no reversal has taken yet, (amount, tax) of each line and then of shipping; undone ones count not."""
    lines_of = call.world.store.table("stripe.tax.line_items")
    made = [row for row in _reversals(call, original["id"]) if not _reversals(call, row["id"])]
    parts = [*old, *([original["shipping_cost"]] if original["shipping_cost"] else [])]
    left = [(part["amount"], part["amount_tax"]) for part in parts]
    for row in made:
        taken = [(line["reversal"]["original_line_item"], line) for line in lines_of[row["id"]]]
        for at, part in enumerate(parts):
            gone = [line for line_id, line in taken if line_id == part.get("id")]
            if "id" not in part and row["shipping_cost"]:
                gone = [row["shipping_cost"]]
            for each in gone:
                left[at] = (left[at][0] + each["amount"], left[at][1] + each["amount_tax"])
    return left


def _check_reference(call: Call) -> None:
    """Refuse a reference that is taken. That it "must be unique" is documented; words and `param` are a guess [K]."""
    reference = call.params["reference"]
    if any(row["reference"] == reference for row in _transactions(call)):
        message = f"A tax transaction with the reference '{reference}' already exists. References must be unique."
        raise errors.refused(message, param="reference")


def _store(
    call: Call,
    source: dict[str, Any],
    lines: list[dict[str, Any]],
    shipping: dict[str, Any] | None,
    reversal: dict[str, Any] | None,
    mode: str | None = None,
) -> dict[str, Any]:
    transaction = call.insert(
        "tax.transaction",
        {
            "created": call.now(),
            "currency": source["currency"],
            "customer": source["customer"],
            "customer_details": shown(source["customer_details"]),
            "livemode": False,
            "metadata": merge_metadata({}, call.params.get("metadata") or {}),
            "posted_at": call.params.get("posted_at", call.now()),
            "reference": call.params["reference"],
            "reversal": reversal,
            "ship_from_details": None,
            "shipping_cost": shown(shipping),
            "tax_date": source["tax_date"],
            "type": "reversal" if reversal else "transaction",
            "_mode": mode,
        },
    )
    call.world.store.table("stripe.tax.line_items")[transaction["id"]] = lines
    return transaction


def _line(fields: dict[str, Any], original: str | None) -> dict[str, Any]:
    return {
        "id": new_id("tax_li_", 14),
        "object": "tax.transaction_line_item",
        **fields,
        "reversal": {"original_line_item": original} if original else None,
        "type": "reversal" if original else "transaction",
    }


def _reversed(line: dict[str, Any], amount: int, tax: int) -> dict[str, Any]:
    kept = {name: line[name] for name in (*LINE_FIELDS, "tax_code")}
    return _line({**kept, "amount": amount, "amount_tax": tax}, line["id"])


def _named(
    original: dict[str, Any], old: list[dict[str, Any]], params: dict[str, Any]
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    by_id = {line["id"]: line for line in old}
    lines = []
    for at, item in enumerate(params.get("line_items") or []):
        line = by_id.get(item["original_line_item"])
        if line is None:
            raise errors.no_such("line item", item["original_line_item"], f"line_items[{at}][original_line_item]", 400)
        if item["amount"] > 0 or item["amount_tax"] > 0:
            message = "The amounts of a reversal must be negative or zero."
            raise errors.refused(message, param=f"line_items[{at}][amount]")
        lines.append({**_reversed(line, item["amount"], item["amount_tax"]), "reference": item["reference"]})
    cost, given = original["shipping_cost"], params.get("shipping_cost")
    shipping = {**cost, **given} if cost and given else None
    if not lines and shipping is None:
        raise errors.refused("A partial reversal needs line_items, shipping_cost or flat_amount.", param="line_items")
    return lines, shipping


def _spread(
    original: dict[str, Any], old: list[dict[str, Any]], left: list[tuple[int, int]], flat: int
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Divide an amount that has tax in it by what is `left` of lines and shipping; the last takes what remains."""
    if flat >= 0:
        raise errors.refused("The flat amount of a reversal must be negative.", param="flat_amount")
    cost = original["shipping_cost"]
    parts = [*old, *([cost] if cost else [])]
    gross = [_gross(part, *each) for part, each in zip(parts, left, strict=True)]
    if -flat > sum(gross):
        raise errors.refused("The flat amount is greater than what is left of the transaction.", param="flat_amount")
    shares = _shares(gross, flat)
    rated = zip(shares, left, gross, strict=True)
    taxes = [round(share * tax / each) if each else 0 for share, (_, tax), each in rated]
    nets = [
        share if part["tax_behavior"] == "inclusive" else share - tax
        for share, tax, part in zip(shares, taxes, parts, strict=True)
    ]
    lines = [_reversed(line, nets[at], taxes[at]) for at, line in enumerate(old)]
    return lines, {**cost, "amount": nets[-1], "amount_tax": taxes[-1]} if cost else None


def _shares(gross: list[int], flat: int) -> list[int]:
    """Split a negative amount by weight, so that no part gives more than it has."""
    shares = [-(-flat * each // (sum(gross) or 1)) for each in gross]
    rest = flat - sum(shares)
    for at, each in enumerate(gross):
        more = max(rest, -each - shares[at])
        shares[at], rest = shares[at] + more, rest - more
    return shares


def _gross(part: dict[str, Any], amount: int, tax: int) -> int:
    return amount + (tax if part["tax_behavior"] == "exclusive" else 0)
