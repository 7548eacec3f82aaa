"""White teas."""

from __future__ import annotations

from shop.services.seed_catalogue.entry import Entry, Item

ENTRIES = (
    Entry(
        "silver-needle",
        "Silver Needle",
        "white",
        "Nothing but buds, dried in the sun of one spring.",
        "Whole buds under silver down, withered outdoors and left alone. The cup is pale as straw; the taste "
        "arrives late and stays long. Give it time: seven minutes are not too many.",
        {
            "number": 7,
            "place": "Fuding, Fujian",
            "origin": "Fuding, Fujian, China",
            "country": "CN",
            "caffeine": "low",
            "with": ["white-peony", "lidded-bowl"],
            "harvest": "2026-03",
            "altitude": 750,
            "water": 82,
            "minutes": 7,
            "grams": 4,
            "longitude": 120.2,
            "latitude": 27.3,
            "taste": "melon, hay, acacia honey",
            "form": "pouch",
            "ground": "bone",
        },
        (
            Item("TW-SIL-030", "30 g", 70, 40, 1780, 1980, 1560, 2950),
            Item("TW-SIL-080", "80 g", 130, 3, 4450, 4950, 3900, 7400),
        ),
    ),
    Entry(
        "white-peony",
        "White Peony",
        "white",
        "Bud and two leaves, withered for three days and otherwise left in peace.",
        "Rounder and more generous than Silver Needle, with a little of the autumn in it. It ages well: put a "
        "pouch away and forget it for two years. Until then it makes a fine cold tea, drawn overnight.",
        {
            "number": 20, "place": "Zhenghe", "origin": "Zhenghe, Fujian, China", "country": "CN", "caffeine": "low",
            "with": ["silver-needle", "glass-cups"], "harvest": "2026-04", "altitude": 820, "water": 85, "minutes": 5,
            "grams": 4, "longitude": 118.9, "latitude": 27.4,
            "taste": "white flowers, apricot, fresh straw", "form": "caddy", "ground": "celadon",
        },
        (
            Item("TW-PEO-050", "50 g", 100, 55, 1290, 1440, 1130, 2150),
            Item("TW-PEO-150", "150 g", 210, 20, 3400, 3790, 2990, 5650),
        ),
    ),
)
