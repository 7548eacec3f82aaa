"""Things to give: samplers and a gift box."""

from __future__ import annotations

from shop.services.seed_catalogue.entry import Entry, Item

ENTRIES = (
    Entry(
        "first-voyage",
        "First Voyage",
        "gifts",
        "Six small tins, one from every shore we call at.",
        "Harbour Breakfast, Keemun, Sencha, Iron Goddess, White Peony and Night Watch, ten grams of each, with a "
        "card that says how to brew them. It is how most of our customers began, and how we would.",
        {
            "number": 30, "place": "Six shores", "origin": "India, China, Japan, South Africa", "caffeine": "medium",
            "with": ["fine-strainer", "harbour-breakfast"], "altitude": 960, "minutes": 6, "volume": 60,
            "longitude": 60.0, "taste": "malt, cocoa, nori, roasted nut, apricot, red fruit",
            "contents": "Six teas, 10 g each", "form": "sampler", "ground": "oxide",
        },
        (Item("TW-VOY-060", "6 × 10 g", 220, 34, 2400, 2680, 2110, 4000),),
    ),
    Entry(
        "green-coast",
        "Green Coast",
        "gifts",
        "Five green teas from the coasts of Japan and China.",
        "Sencha, Gyokuro, Genmaicha, Dragon Well and Jasmine Pearls, twelve grams of each. Drink them in this order "
        "and you will have travelled from Suruga Bay to Fuzhou.",
        {
            "number": 31, "place": "Two coasts", "origin": "Japan and China", "caffeine": "medium",
            "with": ["tokoname-pot", "glass-cups"], "altitude": 280, "minutes": 5, "volume": 72, "longitude": 128.0,
            "taste": "nori, umami, toasted rice, chestnut, jasmine",
            "contents": "Five teas, 12 g each", "form": "sampler", "ground": "jade",
        },
        (Item("TW-GRC-060", "5 × 12 g", 210, 3, 2900, 3250, 2550, 4800),),
    ),
    Entry(
        "long-evening-box",
        "A Long Evening",
        "gifts",
        "A box for somebody who needs one: two teas, honey, and nothing to do.",
        "Night Watch and Chamomile from the Dike in tins, and a jar of lime-blossom honey from the same "
        "marshes. Packed in straw board and tied with cotton.",
        {
            "number": 32, "place": "Hamburg", "origin": "South Africa and Germany", "caffeine": "none",
            "with": ["night-watch", "dike-chamomile"], "altitude": 30, "minutes": 8, "volume": 240, "longitude": 9.9,
            "taste": "red fruit, apple, lime-blossom honey",
            "contents": "Night Watch 60 g, chamomile 40 g, honey 125 g", "form": "box", "ground": "plum",
        },
        (Item("TW-EVE-1", "one box", 640, 16, 3400, 3790, 2990, 5650),),
    ),
)
