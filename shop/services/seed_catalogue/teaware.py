"""Pots, bowls and small tools."""

from __future__ import annotations

from shop.services.seed_catalogue.entry import Entry, Item

ENTRIES = (
    Entry(
        "tokoname-pot",
        "Tokoname Side-handle Pot",
        "teaware",
        "Unglazed red clay, thrown thin, with a strainer cut into the wall.",
        "A kyusu for one careful drinker or two quick ones. The clay is left bare inside and takes on your tea over"
        " the years, so keep it to one kind. The lid is ground to its own pot; please do not mix them up.",
        {
            "number": 9,
            "place": "Tokoname",
            "origin": "Tokoname, Aichi, Japan",
            "country": "JP",
            "with": ["sencha-of-the-tides", "glass-cups"],
            "material": "Shudei clay, unglazed",
            "volume": 280,
            "minutes": 5,
            "altitude": 700,
            "longitude": 136.8,
            "latitude": 34.9,
            "care": "Rinse with hot water only, and dry with the lid off.",
            "form": "pot",
            "ground": "oxide",
        },
        (
            Item("TW-POT-280", "280 ml", 520, 12, 6800, 7500, 5950, 11200),
            Item("TW-POT-360", "360 ml", 610, 6, 7900, 8750, 6900, 13000),
        ),
    ),
    Entry(
        "lidded-bowl",
        "Lidded Bowl",
        "teaware",
        "A gaiwan of white Jingdezhen porcelain, thin enough to see your fingers through.",
        "Lid, bowl and saucer: heaven, people and earth, if you ask the potter. It brews anything and remembers "
        "nothing, which makes it the one piece to own if you own one.",
        {
            "number": 10,
            "place": "Jingdezhen",
            "origin": "Jingdezhen, Jiangxi, China",
            "country": "CN",
            "with": ["iron-goddess", "silver-needle"],
            "material": "Porcelain, clear glaze",
            "volume": 120,
            "minutes": 3,
            "altitude": 450,
            "longitude": 117.2,
            "latitude": 29.3,
            "care": "Safe in the dishwasher; not on the stove.",
            "form": "bowl",
            "ground": "celadon",
        },
        (Item("TW-BOW-120", "120 ml", 340, 18, 3600, 3980, 3150, 5900),),
    ),
    Entry(
        "porcelain-pot",
        "Porcelain Pot",
        "teaware",
        "A round-bellied pot that pours to the last drop and does not drip.",
        "We tried eleven spouts before this one. The lid stays on when you tilt it, the handle keeps cool, and the "
        "opening is wide enough for a hand with a cloth. For three cups, or two people who like each other.",
        {
            "number": 23, "place": "Selb", "origin": "Selb, Bavaria, Germany", "country": "DE",
            "with": ["harbour-breakfast", "fine-strainer"], "material": "Hard-paste porcelain", "volume": 750,
            "minutes": 4, "altitude": 540, "longitude": 12.1,
            "care": "Safe in the dishwasher.", "form": "teapot", "ground": "bone",
        },
        (
            Item("TW-POR-750", "0.75 l", 980, 15, 7400, 8200, 6500, 12300),
            Item("TW-POR-1200", "1.2 l", 1320, 3, 8900, 9900, 7800, 14800),
        ),
    ),
    Entry(
        "glass-cups",
        "Two Glass Cups",
        "teaware",
        "Blown thin, double walled: the tea stays hot and the fingers do not.",
        "A pair, because tea alone is only half a conversation. Made of laboratory glass, so boiling water is "
        "welcome.",
        {
            "number": 24, "place": "Bohemia", "origin": "Jablonec, Czechia", "country": "CZ",
            "with": ["jasmine-pearls", "white-peony"], "material": "Borosilicate glass", "volume": 180, "minutes": 2,
            "altitude": 500, "longitude": 15.2,
            "care": "By hand, with a soft brush.", "form": "cup", "ground": "celadon",
        },
        (Item("TW-GLA-180", "2 × 180 ml", 420, 33, 3200, 3560, 2800, 5300),),
    ),
    Entry(
        "bamboo-whisk",
        "Bamboo Whisk",
        "teaware",
        "A chasen of eighty tines, split from one piece of white bamboo.",
        "There is no other tool for matcha: a fork makes lumps and a machine makes noise. Soak the tines for a "
        "minute before the first tea, whisk from the wrist, and let it dry standing.",
        {
            "number": 25, "place": "Takayama", "origin": "Takayama, Nara, Japan", "country": "JP",
            "with": ["matcha-first-light", "winter-bowl"], "material": "White bamboo", "volume": 110, "minutes": 6,
            "altitude": 210, "longitude": 135.7,
            "care": "Rinse in warm water; no soap.", "form": "whisk", "ground": "amber",
        },
        (Item("TW-WHI-080", "80 tines", 60, 26, 2100, 2340, 1850, 3500),),
    ),
    Entry(
        "winter-bowl",
        "Winter Bowl",
        "teaware",
        "A deep matcha bowl with an ash glaze that ran where it wanted to.",
        "Deep enough to keep the warmth, wide enough for the whisk. Each one has a different tide line where the "
        "glaze came to rest in the kiln; we send the next in the row.",
        {
            "number": 26, "place": "Shigaraki", "origin": "Shigaraki, Shiga, Japan", "country": "JP",
            "with": ["bamboo-whisk", "matcha-first-light"], "material": "Stoneware, ash glaze", "volume": 420,
            "minutes": 7, "altitude": 290, "longitude": 136.1,
            "care": "Warm it before use; wash by hand.", "form": "chawan", "ground": "indigo",
        },
        (Item("TW-CHW-420", "420 ml", 480, 0, 5800, 6450, 5100, 9600),),
    ),
    Entry(
        "cherry-caddy",
        "Cherry-bark Caddy",
        "teaware",
        "Two lids and a skin of mountain cherry: tea keeps in it for a year.",
        "Kabazaiku, the bark work of Kakunodate, is laid on wood with glue and a hot iron. Inside is a second lid "
        "with a knob. The bark grows darker and smoother the more you take hold of it.",
        {
            "number": 27, "place": "Kakunodate", "origin": "Kakunodate, Akita, Japan", "country": "JP",
            "with": ["measuring-scoop", "sencha-of-the-tides"], "material": "Wood, wild-cherry bark", "volume": 350,
            "minutes": 8, "altitude": 620, "longitude": 140.6,
            "care": "A dry cloth, and your hands.", "form": "chest", "ground": "oxide",
        },
        (
            Item("TW-CAD-100", "100 g of tea", 240, 11, 4900, 5450, 4300, 8100),
            Item("TW-CAD-200", "200 g of tea", 360, 7, 6400, 7100, 5600, 10600),
        ),
    ),
    Entry(
        "fine-strainer",
        "Fine Strainer",
        "teaware",
        "A basket of steel so fine that even rooibos stays where it belongs.",
        "It reaches down to the floor of the cup, so the leaves have room. Two small wings hold it on any rim.",
        {
            "number": 28, "place": "Tsubame", "origin": "Tsubame, Niigata, Japan", "country": "JP",
            "with": ["night-watch", "porcelain-pot"], "material": "Stainless steel", "volume": 260, "minutes": 3,
            "altitude": 160, "longitude": 138.9,
            "care": "Safe in the dishwasher.", "form": "strainer", "ground": "ink",
        },
        (Item("TW-STR-1", "one", 90, 64, 1450, 1600, 1280, 2400),),
    ),
    Entry(
        "measuring-scoop",
        "Measuring Scoop",
        "teaware",
        "Three grams, level; five, if you are generous.",
        "Turned from olive wood, so no two have the same grain. It hangs on the rim of a tin and does not slip in.",
        {
            "number": 29, "place": "Liguria", "origin": "Imperia, Liguria, Italy", "country": "IT",
            "with": ["cherry-caddy", "harbour-breakfast"], "material": "Olive wood, oiled", "volume": 15, "minutes": 5,
            "altitude": 330, "longitude": 8.0,
            "care": "Wipe it; oil it once a year.", "form": "scoop", "ground": "amber",
        },
        (Item("TW-SCO-1", "one", 50, 48, 980, 1090, 860, 1650),),
    ),
)
