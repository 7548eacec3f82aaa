"""Black teas."""

from __future__ import annotations

from shop.services.seed_catalogue.entry import Entry, Item

ENTRIES = (
    Entry(
        "harbour-breakfast",
        "Harbour Breakfast",
        "black",
        "Assam and highland Ceylon, blended to stand up to weather and milk.",
        "The tea the quay drinks at six. A second-flush Assam gives it malt and a dark cup; a little high-grown "
        "Ceylon keeps it awake. It forgives hard water, a long draw and a hurried pot, and it takes milk without "
        "turning pale.",
        {
            "number": 1,
            "place": "Assam · Dimbula",
            "origin": "Assam, India, and Dimbula, Sri Lanka",
            "country": "IN",
            "caffeine": "high",
            "with": ["assam-second-flush", "porcelain-pot"],
            "harvest": "2026-06",
            "altitude": 420,
            "water": 98,
            "minutes": 4,
            "grams": 4,
            "longitude": 94.2,
            "latitude": 26.7,
            "taste": "malt, dried orange peel, toast",
            "form": "caddy",
            "ground": "ink",
        },
        (
            Item("TW-HAB-100", "100 g", 160, 140, 980, 1090, 860, 1650),
            Item("TW-HAB-250", "250 g", 330, 90, 2150, 2390, 1890, 3600),
            Item("TW-HAB-500", "500 g", 600, 24, 3900, 4300, 3400, 6500),
        ),
    ),
    Entry(
        "first-flush-darjeeling",
        "First Flush Darjeeling",
        "black",
        "Picked in the last week of March, flown to nobody: it came by sea and rested on the way.",
        "Light in the cup and almost green. The leaf is large and loosely rolled, with a smell of cut hay and "
        "apricot stone. Brew it a little cooler than you would a breakfast tea, and stop it early: it tells you "
        "everything in three minutes.",
        {
            "number": 2,
            "place": "Darjeeling",
            "origin": "Kurseong, Darjeeling, India",
            "country": "IN",
            "caffeine": "medium",
            "with": ["white-peony", "glass-cups"],
            "harvest": "2026-03",
            "altitude": 1850,
            "water": 88,
            "minutes": 3,
            "grams": 3,
            "longitude": 88.3,
            "latitude": 26.9,
            "taste": "muscatel, apricot stone, cut hay",
            "form": "caddy",
            "ground": "amber",
        },
        (
            Item("TW-DAR-050", "50 g", 100, 60, 1650, 1850, 1450, 2800),
            Item("TW-DAR-100", "100 g", 160, 32, 2950, 3300, 2600, 4950),
        ),
    ),
    Entry(
        "keemun-hao-ya",
        "Keemun Hao Ya",
        "black",
        "A winey black from Anhui, with cocoa at the end.",
        "Fine, wiry leaf and a cup the colour of old mahogany. Keemun was made for the sea: it was the black tea "
        "that kept its scent on the long way to London. Ours still takes the long way, and is better for it.",
        {
            "number": 3,
            "place": "Qimen, Anhui",
            "origin": "Qimen, Anhui, China",
            "country": "CN",
            "caffeine": "high",
            "with": ["smoke-on-the-water", "porcelain-pot"],
            "harvest": "2026-04",
            "altitude": 600,
            "water": 95,
            "minutes": 4,
            "grams": 3,
            "longitude": 117.7,
            "latitude": 29.9,
            "taste": "cocoa, plum skin, pine smoke far off",
            "form": "drum",
            "ground": "oxide",
        },
        (
            Item("TW-KEE-050", "50 g", 100, 80, 1250, 1390, 1090, 2100),
            Item("TW-KEE-100", "100 g", 160, 44, 2200, 2450, 1950, 3700),
        ),
    ),
    Entry(
        "assam-second-flush",
        "Assam Second Flush",
        "black",
        "One garden on the Brahmaputra, picked in the three best weeks of June.",
        "Golden tips in a dark leaf, and a cup that smells of malt and warm wood. It is strong without being "
        "rough, so you may drink it without milk; with milk it tastes of caramel. A teaspoon more makes a pot "
        "for bad weather.",
        {
            "number": 11, "place": "Dibrugarh", "origin": "Dibrugarh, Assam, India", "country": "IN",
            "caffeine": "high", "with": ["harbour-breakfast", "porcelain-pot"], "harvest": "2026-06", "altitude": 110,
            "water": 97, "minutes": 4, "grams": 4, "longitude": 94.9, "latitude": 27.5,
            "taste": "malt, caramel, cedar", "form": "drum", "ground": "amber",
        },
        (
            Item("TW-ASS-100", "100 g", 160, 66, 1180, 1320, 1040, 1980),
            Item("TW-ASS-250", "250 g", 330, 31, 2650, 2950, 2330, 4450),
        ),
    ),
    Entry(
        "smoke-on-the-water",
        "Smoke on the Water",
        "black",
        "Lapsang Souchong from Tongmu, dried over pinewood and left to calm down.",
        "The smoke is real: it comes from slow fires of pine under the bamboo floors of the drying house. We let "
        "the tea rest for half a year, until the fire stands behind the fruit and not before it. Good with "
        "cheese, and in rain.",
        {
            "number": 12, "place": "Tongmu, Wuyi", "origin": "Tongmu, Wuyi Mountains, China", "country": "CN",
            "caffeine": "high", "with": ["keemun-hao-ya", "measuring-scoop"], "harvest": "2025-05", "altitude": 1100,
            "water": 95, "minutes": 3, "grams": 4, "longitude": 117.6, "latitude": 27.7,
            "taste": "pine smoke, dried longan, leather", "form": "drum", "ground": "ink",
        },
        (
            Item("TW-SMO-080", "80 g", 140, 27, 1390, 1550, 1220, 2300),
            Item("TW-SMO-200", "200 g", 270, 0, 3100, 3450, 2730, 5200),
        ),
    ),
    Entry(
        "elbe-grey",
        "Elbe Grey",
        "black",
        "High-grown Ceylon with the oil of Calabrian bergamots, and nothing else.",
        "An Earl Grey for people who gave up on Earl Grey. We use the pressed oil of winter bergamots, so little "
        "of it that the tea still speaks first, and leave the blue petals to others.",
        {
            "number": 13, "place": "Nuwara Eliya", "origin": "Nuwara Eliya, Sri Lanka", "country": "LK",
            "caffeine": "medium", "with": ["harbour-breakfast", "fine-strainer"], "harvest": "2026-02",
            "altitude": 1900, "water": 95, "minutes": 3, "grams": 3, "longitude": 80.8, "latitude": 6.9,
            "taste": "bergamot, bright citrus peel, honey", "form": "pouch", "ground": "indigo",
        },
        (
            Item("TW-ELB-100", "100 g", 140, 95, 1090, 1220, 960, 1830),
            Item("TW-ELB-250", "250 g", 310, 40, 2400, 2680, 2110, 4050),
        ),
    ),
)
