"""What has no tea leaf in it."""

from __future__ import annotations

from shop.services.seed_catalogue.entry import Entry, Item

ENTRIES = (
    Entry(
        "night-watch",
        "Night Watch",
        "herbal",
        "Rooibos, fennel and liquorice root: for the hours when the tide turns and you should sleep.",
        "No tea leaf in it and nothing that keeps you up. Cedarberg rooibos makes it red and round, fennel warms "
        "it, and liquorice root sweetens it so that nothing else need do so.",
        {
            "number": 8,
            "place": "Cederberg",
            "origin": "Cederberg, South Africa",
            "country": "ZA",
            "caffeine": "none",
            "with": ["harbour-mint", "fine-strainer"],
            "harvest": "2026-02",
            "altitude": 480,
            "water": 100,
            "minutes": 8,
            "grams": 4,
            "longitude": 19.1,
            "latitude": -32.3,
            "taste": "red fruit, fennel, liquorice",
            "form": "pouch",
            "ground": "plum",
        },
        (
            Item("TW-NIG-100", "100 g", 140, 110, 890, 990, 780, 1500),
            Item("TW-NIG-250", "250 g", 310, 75, 1950, 2180, 1700, 3250),
        ),
    ),
    Entry(
        "harbour-mint",
        "Harbour Mint",
        "herbal",
        "Nana mint and spearmint, dried in the shade so that it stays green.",
        "Two mints, whole leaves, no stalks. Nana brings the cool edge, spearmint the sweetness. Pour boiling "
        "water on a handful and wait; in summer, pour it over ice.",
        {
            "number": 21, "place": "Meknès", "origin": "Meknès, Morocco", "country": "MA", "caffeine": "none",
            "with": ["night-watch", "glass-cups"], "harvest": "2026-08", "altitude": 540, "water": 100, "minutes": 6,
            "grams": 3, "longitude": -5.5, "latitude": 33.9,
            "taste": "cool mint, green apple, clover", "form": "pouch", "ground": "jade",
        },
        (
            Item("TW-MIN-050", "50 g", 80, 120, 690, 770, 610, 1150),
            Item("TW-MIN-150", "150 g", 200, 70, 1650, 1850, 1450, 2800),
        ),
    ),
    Entry(
        "dike-chamomile",
        "Chamomile from the Dike",
        "herbal",
        "Whole blossoms from the marshes behind the dike, combed by hand.",
        "The nearest of our gardens: forty kilometres down the river. Only the heads are taken, on dry mornings, and "
        "dried on linen. It smells of apples and hay and puts an end to a long day.",
        {
            "number": 22, "place": "Kehdingen", "origin": "Kehdingen, Lower Saxony, Germany", "country": "DE",
            "caffeine": "none", "with": ["night-watch", "fine-strainer"], "harvest": "2026-06", "altitude": 2,
            "water": 100, "minutes": 7, "grams": 3, "longitude": 9.3, "latitude": 53.7,
            "taste": "apple, hay, honeycomb", "form": "pouch", "ground": "amber",
        },
        (
            Item("TW-CHA-040", "40 g", 80, 5, 790, 880, 690, 1320),
            Item("TW-CHA-100", "100 g", 150, 28, 1690, 1890, 1490, 2800),
        ),
    ),
)
