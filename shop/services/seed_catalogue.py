"""The demo's catalogue: ten things, each with the facts that its page tells and its tin is drawn from.

Prices are in minor units, tax included, one per currency: there is no conversion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Item:
    """A variant: its weight with packaging in grams, its stock, and its prices in EUR, USD, GBP and JPY."""

    sku: str
    label: str
    weight: int
    stock: int
    eur: int
    usd: int
    gbp: int
    jpy: int

    @property
    def prices(self) -> Mapping[str, int]:
        """Return the price list, minor units by currency."""
        return {"EUR": self.eur, "USD": self.usd, "GBP": self.gbp, "JPY": self.jpy}


@dataclass(frozen=True)
class Entry:
    """A product. `facts` has water in °C, minutes to draw, grams to 200 ml, altitude in metres, volume in ml."""

    slug: str
    name: str
    category: str
    summary: str
    description: str
    facts: Mapping[str, Any]
    items: tuple[Item, ...] = field(default=())


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
)
