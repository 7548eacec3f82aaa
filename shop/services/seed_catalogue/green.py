"""Green teas, matcha among them."""

from __future__ import annotations

from shop.services.seed_catalogue.entry import Entry, Item

ENTRIES = (
    Entry(
        "sencha-of-the-tides",
        "Sencha of the Tides",
        "green",
        "Deep-steamed sencha from gardens that look on Suruga Bay.",
        "Steamed long, so the leaf is broken and the cup is cloudy and very green. There is salt air in it, or so "
        "we like to think: the gardens stand within sight of the water. Keep the kettle off the boil; eighty "
        "degrees loses the sweetness.",
        {
            "number": 4,
            "place": "Shizuoka",
            "origin": "Makinohara, Shizuoka, Japan",
            "country": "JP",
            "caffeine": "medium",
            "with": ["tokoname-pot", "gyokuro-shade"],
            "harvest": "2026-05",
            "altitude": 180,
            "water": 72,
            "minutes": 1,
            "grams": 5,
            "longitude": 138.2,
            "latitude": 34.7,
            "taste": "nori, young peas, a clean sweetness",
            "form": "pouch",
            "ground": "jade",
        },
        (
            Item("TW-SEN-080", "80 g", 110, 70, 1480, 1650, 1300, 2450),
            Item("TW-SEN-200", "200 g", 250, 36, 3400, 3780, 2980, 5600),
        ),
    ),
    Entry(
        "dragon-well",
        "Dragon Well",
        "green",
        "Longjing pressed flat in the pan by hand, before the rains.",
        "Each leaf is a small blade, pressed against a hot iron pan until it smells of chestnut. Picked before "
        "Qingming, when the buds are still tight. A tall glass is all it needs; top it up twice.",
        {
            "number": 5,
            "place": "Hangzhou",
            "origin": "West Lake, Hangzhou, China",
            "country": "CN",
            "caffeine": "medium",
            "with": ["lidded-bowl", "jasmine-pearls"],
            "harvest": "2026-04",
            "altitude": 330,
            "water": 80,
            "minutes": 2,
            "grams": 3,
            "longitude": 120.1,
            "latitude": 30.2,
            "taste": "chestnut, sweet grass, butter",
            "form": "caddy",
            "ground": "celadon",
        },
        (
            Item("TW-DRA-050", "50 g", 100, 0, 2400, 2690, 2100, 4000),
            Item("TW-DRA-100", "100 g", 160, 0, 4400, 4900, 3900, 7300),
        ),
    ),
    Entry(
        "gyokuro-shade",
        "Gyokuro, Three Weeks' Shade",
        "green",
        "Grown under straw for twenty-one days, and brewed hardly warmer than a hand.",
        "Shade makes the leaf dark and the cup thick, almost like broth. Use much leaf, little water, and "
        "patience; the second infusion is greener and the third refreshes. Eat the leaves afterwards, with a "
        "drop of soy sauce.",
        {
            "number": 14, "place": "Yame", "origin": "Yame, Fukuoka, Japan", "country": "JP", "caffeine": "high",
            "with": ["tokoname-pot", "sencha-of-the-tides"], "harvest": "2026-05", "altitude": 260, "water": 55,
            "minutes": 2, "grams": 10, "longitude": 130.6, "latitude": 33.2,
            "taste": "umami, sea lettuce, sweet cream", "form": "caddy", "ground": "jade",
        },
        (
            Item("TW-GYO-050", "50 g", 100, 14, 2900, 3250, 2550, 4800),
            Item("TW-GYO-100", "100 g", 160, 4, 5500, 6150, 4850, 9100),
        ),
    ),
    Entry(
        "jasmine-pearls",
        "Jasmine Pearls",
        "green",
        "Rolled by hand, scented in seven nights with fresh jasmine.",
        "The blossoms open at night, so the tea is laid among them in the evening and taken out in the morning, "
        "seven times. No aroma is added. Watch the pearls unroll; that is half the reason to make it in a glass.",
        {
            "number": 15, "place": "Fuzhou", "origin": "Fuzhou, Fujian, China", "country": "CN", "caffeine": "medium",
            "with": ["glass-cups", "dragon-well"], "harvest": "2026-07", "altitude": 520, "water": 80, "minutes": 3,
            "grams": 3, "longitude": 119.3, "latitude": 26.1,
            "taste": "jasmine, pear, sweet almond", "form": "caddy", "ground": "bone",
        },
        (
            Item("TW-JAS-060", "60 g", 110, 38, 1690, 1890, 1490, 2800),
            Item("TW-JAS-150", "150 g", 210, 17, 3900, 4350, 3450, 6500),
        ),
    ),
    Entry(
        "kitchen-genmaicha",
        "Kitchen Genmaicha",
        "green",
        "Summer bancha and roasted rice: the tea that is always on the table.",
        "Half leaf, half brown rice roasted until some of it pops. It smells like the end of a good meal and is "
        "gentle enough for the evening. Boiling water does it no harm, which no other green tea of ours will say.",
        {
            "number": 16, "place": "Uji", "origin": "Uji, Kyoto, Japan", "country": "JP", "caffeine": "low",
            "with": ["tokoname-pot", "night-watch"], "harvest": "2026-07", "altitude": 140, "water": 95, "minutes": 1,
            "grams": 6, "longitude": 135.8, "latitude": 34.9,
            "taste": "toasted rice, hazelnut, fresh bread", "form": "pouch", "ground": "celadon",
        },
        (
            Item("TW-GEN-100", "100 g", 140, 88, 950, 1060, 830, 1600),
            Item("TW-GEN-250", "250 g", 310, 46, 2100, 2350, 1850, 3550),
        ),
    ),
    Entry(
        "matcha-first-light",
        "Matcha First Light",
        "green",
        "Stone-ground in Uji, forty grams to the hour, for drinking without anything in it.",
        "A mill of granite turns slowly, so the powder stays cool and keeps its colour. Sift two grams into a "
        "warm bowl, add a little water that has stopped boiling, and whisk until the foam is fine. Keep the tin "
        "cold once opened.",
        {
            "number": 17, "place": "Uji", "origin": "Wazuka, Uji, Japan", "country": "JP", "caffeine": "high",
            "with": ["bamboo-whisk", "winter-bowl"], "harvest": "2026-05", "altitude": 320, "water": 75, "minutes": 1,
            "grams": 5, "longitude": 135.9, "latitude": 34.8,
            "taste": "fresh cream, young leaf, white chocolate", "form": "drum", "ground": "jade",
        },
        (
            Item("TW-MAT-030", "30 g", 90, 22, 2650, 2950, 2330, 4400),
            Item("TW-MAT-100", "100 g", 170, 5, 7900, 8800, 6950, 13200),
        ),
    ),
)
