"""What synthetic events are made of.

Every value is this project's own invention: documentation address ranges, `example.*` hosts,
made-up products.
"""

from __future__ import annotations

ENVIRONMENTS = ("env_production", "env_staging")
LEVELS = ("low", "medium", "high")
BUCKETS = ("<p95", "p95-p99", "p99-p99.5", "p99.5-p99.9", "p99.9+", "not_seen")
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

SLIM_FIELDS = frozenset(
    {
        "event_id",
        "timestamp",
        "source",
        "linked_id",
        "environment_id",
        "suspect",
        "sdk",
        "identification",
        "url",
        "bundle_id",
        "package_name",
        "ip_address",
        "bot",
        "bot_info",
        "proxy",
        "vpn",
        "incognito",
        "tampering",
        "suspect_score",
        "rule_action",
    },
)

PLACES = (
    (
        "Tromsø",
        "NO",
        "Norway",
        "EU",
        "Europe",
        "Europe/Oslo",
        69.6492,
        18.9553,
        "9008",
        "55",
        "Troms",
    ),
    (
        "Kraków",
        "PL",
        "Poland",
        "EU",
        "Europe",
        "Europe/Warsaw",
        50.0614,
        19.9372,
        "30-001",
        "12",
        "Małopolskie",
    ),
    (
        "Nagoya",
        "JP",
        "Japan",
        "AS",
        "Asia",
        "Asia/Tokyo",
        35.1815,
        136.9066,
        "450-0002",
        "23",
        "Aichi",
    ),
    (
        "Recife",
        "BR",
        "Brazil",
        "SA",
        "South America",
        "America/Recife",
        -8.0476,
        -34.877,
        "50010",
        "PE",
        "Pernambuco",
    ),
    (
        "Boise",
        "US",
        "United States",
        "NA",
        "North America",
        "America/Boise",
        43.615,
        -116.2023,
        "83702",
        "ID",
        "Idaho",
    ),
    (
        "Hobart",
        "AU",
        "Australia",
        "OC",
        "Oceania",
        "Australia/Hobart",
        -42.8821,
        147.3272,
        "7000",
        "TAS",
        "Tasmania",
    ),
    (
        "Kisumu",
        "KE",
        "Kenya",
        "AF",
        "Africa",
        "Africa/Nairobi",
        -0.0917,
        34.768,
        "40100",
        "17",
        "Kisumu",
    ),
)
NETWORKS = (
    ("64496", "Larkspur Fibre", "isp"),
    ("64501", "Orchard Mobile", "isp"),
    ("64505", "Basalt Compute", "hosting"),
    ("64509", "Meadow University", "education"),
)
BOTS = (
    ("advertising_and_marketing", "Brightboard", "BrightboardBot", "https://brightboard.example"),
    ("aggregator", "Gatherer", "GatherFeed", "https://gatherer.example"),
    ("ai_agent", "Wren Labs", "WrenAgent", "https://wren.example"),
    ("ai_browser", "Heron", "HeronBrowse", "https://heron.example"),
    ("ai_crawler", "Wren Labs", "WrenCrawl", "https://wren.example"),
    ("ai_search", "Heron", "HeronSearch", "https://heron.example"),
    ("ecommerce", "Pricewise", "PricewiseBot", "https://pricewise.example"),
    ("other", "Unnamed", "toolkit", ""),
    ("search_engine_optimization", "Ranksmith", "RanksmithBot", "https://ranksmith.example"),
    ("security", "Portcullis", "PortcullisScan", "https://portcullis.example"),
    ("unknown", "Unnamed", "unknown client", ""),
    ("ai_assistant", "Wren Labs", "WrenFetch", "https://wren.example"),
    ("search_engine_crawler", "Lookout", "LookoutBot", "https://lookout.example"),
    ("monitoring_and_analytics", "Pulseboard", "PulseCheck", "https://pulseboard.example"),
    ("browser_automation", "Unnamed", "headless driver", ""),
    ("scraping", "Gleaner", "gleaner/4", "https://gleaner.example"),
)
BROWSERS = (
    ("Chrome", "140", "140.0.7339", "Windows", "11", "Other"),
    ("Chrome", "139", "139.0.7258", "Mac OS X", "15.6", "Other"),
    ("Firefox", "142", "142.0", "Linux", "6.12", "Other"),
    ("Safari", "18", "18.6", "Mac OS X", "14.7", "Other"),
    ("Edge", "140", "140.0.3485", "Windows", "10", "Other"),
    ("Samsung Internet", "28", "28.0", "Android", "15", "Nimbus S2"),
)
PHONES = (
    ("android", "Nimbus", "Nimbus S2", "15"),
    ("android", "Cobalt", "Cobalt Note 9", "14"),
    ("android", "Juniper", "Juniper Lite", "13"),
    ("ios", "Apple", "iPhone17,1", "18.6"),
    ("ios", "Apple", "iPhone15,4", "17.7"),
)
PAGES = ("/", "/login", "/signup", "/checkout?step=2", "/account/security", "/søk?q=50%25")
SITES = ("https://shop.example.com", "https://bank.example.org", "https://play.example.net")
FONTS = tuple(
    f"{family} {style}"
    for family in (
        "Agate",
        "Birch",
        "Cinder",
        "Dovetail",
        "Ember",
        "Fathom",
        "Garnet",
        "Hollow",
        "Inkwell",
        "Juniper",
        "Kestrel",
        "Lantern",
    )
    for style in ("Sans", "Serif", "Mono", "Display", "Condensed")
)
GL = tuple(
    f"{prefix}_{name}"
    for prefix in ("EXT", "OES", "WEBGL", "KHR")
    for name in (
        "blend_range",
        "clip_volume",
        "depth_bounds",
        "draw_buffers",
        "float_target",
        "texture_pack",
    )
)
