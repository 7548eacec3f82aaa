"""How addresses are written from country to country: the order of the fields, the regions, the shape of a postcode."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# Fields with their widths ("" is the whole line), in the order in which people there write them.
TOWN_AFTER_CODE = (("line1", ""), ("line2", ""), ("postal_code", "third"), ("city", "two-thirds"))
TOWN_BEFORE_CODE = (("line1", ""), ("line2", ""), ("city", "two-thirds"), ("postal_code", "third"))
WITH_STATE = (("line1", ""), ("line2", ""), ("city", ""), ("region", "two-thirds"), ("postal_code", "third"))
LARGEST_FIRST = (("postal_code", "third"), ("region", "two-thirds"), ("city", ""), ("line1", ""), ("line2", ""))
LAYOUTS = {
    "AU": WITH_STATE, "CA": WITH_STATE, "GB": TOWN_BEFORE_CODE, "IE": TOWN_BEFORE_CODE, "JP": LARGEST_FIRST,
    "NZ": TOWN_BEFORE_CODE, "SG": TOWN_BEFORE_CODE, "US": WITH_STATE,
}  # fmt: skip


def _named(text: str) -> Mapping[str, str]:
    """Return codes and names of a list such as "ON Ontario, QC Quebec"."""
    return {code: name for code, _, name in (entry.strip().partition(" ") for entry in text.split(","))}


# Where the post, and in the United States the tax office, needs the region: its code and its name.
REGIONS: Mapping[str, Mapping[str, str]] = {
    "AU": _named(
        """ACT Australian Capital Territory, NSW New South Wales, NT Northern Territory, QLD Queensland,
        SA South Australia, TAS Tasmania, VIC Victoria, WA Western Australia"""
    ),
    "CA": _named(
        """AB Alberta, BC British Columbia, MB Manitoba, NB New Brunswick, NL Newfoundland and Labrador,
        NS Nova Scotia, NT Northwest Territories, NU Nunavut, ON Ontario, PE Prince Edward Island, QC Quebec,
        SK Saskatchewan, YT Yukon"""
    ),
    "JP": {
        name: name
        for name in """Aichi Akita Aomori Chiba Ehime Fukui Fukuoka Fukushima Gifu Gunma Hiroshima Hokkaido Hyogo
        Ibaraki Ishikawa Iwate Kagawa Kagoshima Kanagawa Kochi Kumamoto Kyoto Mie Miyagi Miyazaki Nagano Nagasaki Nara
        Niigata Oita Okayama Okinawa Osaka Saga Saitama Shiga Shimane Shizuoka Tochigi Tokushima Tokyo Tottori Toyama
        Wakayama Yamagata Yamaguchi Yamanashi""".split()
    },
    "US": _named(
        """AL Alabama, AK Alaska, AZ Arizona, AR Arkansas, CA California, CO Colorado, CT Connecticut, DE Delaware,
        DC District of Columbia, FL Florida, GA Georgia, HI Hawaii, ID Idaho, IL Illinois, IN Indiana, IA Iowa,
        KS Kansas, KY Kentucky, LA Louisiana, ME Maine, MD Maryland, MA Massachusetts, MI Michigan, MN Minnesota,
        MS Mississippi, MO Missouri, MT Montana, NE Nebraska, NV Nevada, NH New Hampshire, NJ New Jersey,
        NM New Mexico, NY New York, NC North Carolina, ND North Dakota, OH Ohio, OK Oklahoma, OR Oregon,
        PA Pennsylvania, RI Rhode Island, SC South Carolina, SD South Dakota, TN Tennessee, TX Texas, UT Utah,
        VT Vermont, VA Virginia, WA Washington, WV West Virginia, WI Wisconsin, WY Wyoming"""
    ),
}
WITHOUT_POSTAL_CODE = frozenset({"HK", "IE"})
DIGITS = {3: "IS", 4: "AT AU BE BG CH CY DK HU LU LV NO NZ SI", 5: "DE EE ES FI FR HR IT", 6: "RO SG"}
# A postcode's shape and an example of it; what stands before it (LT-, LV-) may be left out.
POSTAL_CODES: Mapping[str, tuple[str, str]] = {
    **{code: (rf"\d{{{length}}}", "20457731"[:length]) for length, codes in DIGITS.items() for code in codes.split()},
    "CA": (r"[A-Z]\d[A-Z] ?\d[A-Z]\d", "K1A 0B1"),
    "CZ": (r"\d{3} ?\d{2}", "110 00"),
    "GB": (r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", "SW1A 1AA"),
    "GR": (r"\d{3} ?\d{2}", "104 31"),
    "JP": (r"\d{3}-?\d{4}", "100-0001"),
    "LT": (r"(LT-)?\d{5}", "01103"),
    "LV": (r"(LV-)?\d{4}", "1010"),
    "MT": (r"[A-Z]{3} ?\d{2,4}", "VLT 1117"),
    "NL": (r"\d{4} ?[A-Z]{2}", "1012 AB"),
    "PL": (r"\d{2}-?\d{3}", "00-001"),
    "PT": (r"\d{4}-?\d{3}", "1100-148"),
    "SE": (r"\d{3} ?\d{2}", "111 20"),
    "SK": (r"\d{3} ?\d{2}", "811 01"),
    "US": (r"\d{5}(-\d{4})?", "94103"),
}


@dataclass(frozen=True)
class Layout:
    """The fields of a country's addresses; `regions` is empty where none is asked for."""

    fields: tuple[tuple[str, str], ...]
    regions: Mapping[str, str]
    needs_postal_code: bool
    example: str


def layout(country: str) -> Layout:
    """Return how addresses are written in a country."""
    fields = LAYOUTS.get(country, TOWN_AFTER_CODE)
    example = POSTAL_CODES.get(country, ("", ""))[1]
    return Layout(fields, REGIONS.get(country, {}), country not in WITHOUT_POSTAL_CODE, example)


def fits(postal_code: str, country: str) -> bool:
    """Tell whether a postcode has the shape of its country's; any will do where we know none."""
    shape = POSTAL_CODES.get(country)
    return shape is None or re.fullmatch(shape[0], postal_code.upper()) is not None
