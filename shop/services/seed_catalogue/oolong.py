"""Oolongs; one of them is still on the water."""

from __future__ import annotations

from datetime import date

from shop.services.seed_catalogue.entry import Entry, Item

ENTRIES = (
    Entry(
        "iron-goddess",
        "Iron Goddess",
        "oolong",
        "Tieguanyin, roasted over charcoal the old way, in three passes.",
        "Most of what is sold under this name is green and floral. This one is the older kind: roasted slowly over "
        "longan charcoal, rested, and roasted again. It opens over six or seven short infusions, from roasted nut "
        "to orchid.",
        {
            "number": 6,
            "place": "Anxi, Fujian",
            "origin": "Anxi, Fujian, China",
            "country": "CN",
            "caffeine": "medium",
            "with": ["lidded-bowl", "oriental-beauty"],
            "harvest": "2025-10",
            "altitude": 900,
            "water": 95,
            "minutes": 2,
            "grams": 6,
            "longitude": 118.2,
            "latitude": 25.1,
            "taste": "roasted hazelnut, orchid, warm stone",
            "form": "drum",
            "ground": "indigo",
        },
        (
            Item("TW-IRO-060", "60 g", 110, 52, 1900, 2100, 1680, 3150),
            Item("TW-IRO-150", "150 g", 210, 20, 4300, 4780, 3780, 7100),
        ),
    ),
    Entry(
        "oriental-beauty",
        "Oriental Beauty",
        "oolong",
        "Bitten by leafhoppers in July, and sweeter for it.",
        "A small green insect bites the shoots; the plant defends itself with scent, and the tea tastes of honey "
        "and ripe peach. It cannot be sprayed, nor hurried, and the harvest is never large.",
        {
            "number": 18, "place": "Emei, Hsinchu", "origin": "Emei, Hsinchu, Taiwan", "country": "TW",
            "caffeine": "medium", "with": ["lidded-bowl", "iron-goddess"], "harvest": "2026-07", "altitude": 380,
            "water": 85, "minutes": 3, "grams": 5, "longitude": 121.0, "latitude": 24.7,
            "taste": "wild honey, ripe peach, cinnamon bark", "form": "caddy", "ground": "plum",
        },
        (
            Item("TW-ORI-050", "50 g", 100, 9, 2800, 3120, 2460, 4650),
            Item("TW-ORI-100", "100 g", 160, 2, 5300, 5900, 4660, 8800),
        ),
    ),
    Entry(
        "dong-ding-winter",
        "Dong Ding, Winter Harvest",
        "oolong",
        "On the water now: picked in November, roasted in December, here by March.",
        "The winter leaf grows slowly and is thicker, and so is the cup. Our roaster works over three nights and "
        "sends it when it has rested. You may order it today, and it leaves our house on the day it arrives.",
        {
            "number": 19, "place": "Lugu, Nantou", "origin": "Lugu, Nantou, Taiwan", "country": "TW",
            "caffeine": "medium", "with": ["oriental-beauty", "lidded-bowl"], "harvest": "2026-11", "altitude": 740,
            "water": 95, "minutes": 2, "grams": 6, "longitude": 120.8, "latitude": 23.7,
            "taste": "chestnut, brown butter, gardenia", "form": "drum", "ground": "celadon",
        },
        (
            Item("TW-DON-075", "75 g", 130, 60, 2200, 2450, 1940, 3650),
            Item("TW-DON-150", "150 g", 210, 40, 4100, 4570, 3600, 6800),
        ),
        available_from=date(2027, 3, 1),
    ),
)
