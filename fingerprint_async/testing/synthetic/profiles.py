"""What the events of one synthetic device look like: the large, slow-changing part of an event.

Every value is this project's own invention: documentation address ranges, `example.*` hosts, made-up
products.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from fingerprint_async.testing.synthetic._random import chance, pick, seeded, token, whole

if TYPE_CHECKING:
    import random

Platform = Literal["web", "android", "ios", "edge"]
Detail = Literal["full", "slim"]

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

_PLACES = (
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
_NETWORKS = (
    ("64496", "Larkspur Fibre", "isp"),
    ("64501", "Orchard Mobile", "isp"),
    ("64505", "Basalt Compute", "hosting"),
    ("64509", "Meadow University", "education"),
)
_BOTS = (
    ("ai_assistant", "Wren Labs", "WrenFetch", "https://wren.example"),
    ("search_engine_crawler", "Lookout", "LookoutBot", "https://lookout.example"),
    ("monitoring_and_analytics", "Pulseboard", "PulseCheck", "https://pulseboard.example"),
    ("browser_automation", "Unnamed", "headless driver", ""),
    ("scraping", "Gleaner", "gleaner/4", "https://gleaner.example"),
)
_BROWSERS = (
    ("Chrome", "140", "140.0.7339", "Windows", "11", "Other"),
    ("Chrome", "139", "139.0.7258", "Mac OS X", "15.6", "Other"),
    ("Firefox", "142", "142.0", "Linux", "6.12", "Other"),
    ("Safari", "18", "18.6", "Mac OS X", "14.7", "Other"),
    ("Edge", "140", "140.0.3485", "Windows", "10", "Other"),
    ("Samsung Internet", "28", "28.0", "Android", "15", "Nimbus S2"),
)
_PHONES = (
    ("android", "Nimbus", "Nimbus S2", "15"),
    ("android", "Cobalt", "Cobalt Note 9", "14"),
    ("android", "Juniper", "Juniper Lite", "13"),
    ("ios", "Apple", "iPhone17,1", "18.6"),
    ("ios", "Apple", "iPhone15,4", "17.7"),
)
_PAGES = ("/", "/login", "/signup", "/checkout?step=2", "/account/security", "/søk?q=50%25")
_SITES = ("https://shop.example.com", "https://bank.example.org", "https://play.example.net")
_FONTS = tuple(
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
_GL = tuple(
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


def make_profile(*, platform: Platform, number: int, seed: object, before: int) -> dict[str, Any]:
    """One device's (or one edge caller's) event, without what differs from event to event.

    Args:
        platform: What kind of caller it is.
        number: Which one of this kind.
        seed: The workspace's seed; the same arguments give the same profile.
        before: Unix ms; earlier sightings of the device lie before it.
    """
    rng = seeded(seed, "profile", platform, number)
    event: dict[str, Any] = {"source": "edge" if platform == "edge" else "device"}
    if platform == "edge":
        _edge(event, rng, number)
    else:
        _device(event, rng, platform, number, before)
    return event


def slim(event: dict[str, Any]) -> dict[str, Any]:
    """The event with its large parts left out."""
    return {name: value for name, value in event.items() if name in SLIM_FIELDS}


def _maybe(
    event: dict[str, Any], rng: random.Random, names: tuple[str, ...], true: float = 0.2
) -> None:
    """Each signal is there for most events, and true for some of them."""
    for name in names:
        if chance(rng, 0.85):
            event[name] = chance(rng, true)


def _address(rng: random.Random, number: int) -> tuple[str, str]:
    network = ("192.0.2", "198.51.100", "203.0.113")[number % 3]
    return f"{network}.{1 + number % 250}", f"2001:db8:{whole(rng, 1, 0xFFFF):x}::{number + 1:x}"


def _ip_info(rng: random.Random, v4: str, v6: str) -> dict[str, Any]:
    city, country, country_name, continent, continent_name, zone, lat, lon, code, iso, region = (
        pick(rng, _PLACES)
    )
    asn, asn_name, asn_type = pick(rng, _NETWORKS)
    place = {
        "accuracy_radius": whole(rng, 5, 500),
        "latitude": lat,
        "longitude": lon,
        "postal_code": code,
        "timezone": zone,
        "city_name": city,
        "country_code": country,
        "country_name": country_name,
        "continent_code": continent,
        "continent_name": continent_name,
        "subdivisions": [{"iso_code": iso, "name": region}],
    }
    shared = {"geolocation": place, "asn": asn, "asn_name": asn_name}
    ends = {"asn_type": asn_type, "datacenter_result": asn_type == "hosting"}
    if asn_type == "hosting":
        ends["datacenter_name"] = asn_name
    info: dict[str, Any] = {
        "v4": {"address": v4, **shared, "asn_network": v4.rpartition(".")[0] + ".0/24", **ends}
    }
    if chance(rng, 0.5):
        info["v6"] = {"address": v6, **shared, "asn_network": "2001:db8::/32", **ends}
    return info


def _bot_info(rng: random.Random) -> dict[str, Any]:
    category, provider, name, url = pick(rng, _BOTS)
    info = {"category": category, "provider": provider, "name": name}
    if url:
        info["provider_url"] = url
    identity = pick(rng, ("verified", "signed", "spoofed", "unknown"))
    return info | {"identity": identity, "confidence": pick(rng, LEVELS)}


def _network_signals(event: dict[str, Any], rng: random.Random) -> None:
    event["proxy"] = chance(rng, 0.15)
    event["proxy_confidence"] = pick(rng, LEVELS)
    if event["proxy"]:
        event["proxy_details"] = {
            "proxy_type": pick(rng, ("residential", "data_center", "unknown")),
            "last_seen_at": 1_760_000_000_000 + whole(rng, 0, 9_999) * 1_000,
            "provider": pick(rng, ("Tidewater", "Copperline")),
        }
    if chance(rng, 0.9):
        event["vpn"] = chance(rng, 0.25)
        event["vpn_confidence"] = pick(rng, LEVELS)
        event["vpn_methods"] = {
            "timezone_mismatch": chance(rng, 0.2),
            "public_vpn": chance(rng, 0.2),
            "auxiliary_mobile": False,
            "os_mismatch": chance(rng, 0.1),
            "relay": chance(rng, 0.1),
        }


def _edge(event: dict[str, Any], rng: random.Random, number: int) -> None:
    v4, v6 = _address(rng, number)
    event["environment_id"] = pick(rng, ENVIRONMENTS)
    if chance(rng, 0.3):
        event["tags"] = {"route": "api", "weight": whole(rng, 1, 9)}
    event["url"] = pick(rng, _SITES) + pick(rng, _PAGES)
    event["ip_address"] = v4
    event["user_agent"] = f"edge-caller/{number} (+https://caller.example/{token(rng, 6)})"
    if chance(rng, 0.7):
        event["bot_info"] = _bot_info(rng)
    event["ip_info"] = _ip_info(rng, v4, v6)
    _network_signals(event, rng)


def _velocity(rng: random.Random) -> dict[str, Any]:
    names = ("distinct_ip", "distinct_linked_id", "distinct_country", "events", "ip_events")
    velocity: dict[str, Any] = {}
    for name in (*names, "distinct_ip_by_linked_id", "distinct_visitor_id_by_linked_id"):
        few = whole(rng, 1, 4)
        counts = {"5_minutes": few, "1_hour": few + whole(rng, 0, 9)}
        if name != "events" or chance(rng, 0.8):
            counts["24_hours"] = counts["1_hour"] + whole(rng, 0, 60)
        velocity[name] = counts
    return velocity


def _rule_action(rng: random.Random) -> dict[str, Any]:
    action: dict[str, Any] = {
        "ruleset_id": "rs_" + token(rng, 12),
        "rule_id": "r_" + token(rng, 12),
    }
    if chance(rng, 0.5):
        return action | {
            "rule_expression": "suspect_score < 30",
            "type": "allow",
            "request_header_modifications": {
                "remove": ["x-internal-debug"],
                "set": [{"name": "x-risk", "value": "low"}],
                "append": [{"name": "via", "value": "ruleset"}],
            },
        }
    return action | {
        "rule_expression": "vpn || tampering",
        "type": "block",
        "status_code": pick(rng, (403, 429)),
        "headers": [{"name": "content-type", "value": "text/plain; charset=utf-8"}],
        "body": "Not this way, please.",
    }


def _identity(visitor: str, rng: random.Random, before: int) -> dict[str, Any]:
    day = 86_400_000
    last = before - whole(rng, 1, 20 * day)
    return {
        "visitor_id": visitor,
        "visitor_found": chance(rng, 0.9),
        "confidence": {"score": round(0.5 + rng.random() / 2, 4), "version": "1.1"},
        "first_seen_at": last - whole(rng, 1, 200 * day),
        "last_seen_at": last,
    }


def _device(
    event: dict[str, Any], rng: random.Random, platform: Platform, number: int, before: int
) -> None:
    v4, v6 = _address(rng, number)
    if platform == "web" and chance(rng, 0.2):
        event["incremental_identification_status"] = pick(rng, ("partially_completed", "completed"))
    if chance(rng, 0.5):
        event["linked_id"] = "customer-0"
    event["environment_id"] = pick(rng, ENVIRONMENTS)
    if chance(rng, 0.5):
        event["suspect"] = chance(rng, 0.3)
    event["sdk"] = _sdk(rng, platform)
    event["replayed"] = chance(rng, 0.05)
    event["identification"] = _identity("v" * 20, rng, before)
    event["supplementary_id_high_recall"] = _identity("h" * 20, rng, before)
    if chance(rng, 0.6):
        event["tags"] = {
            "campaign": pick(rng, ("spring", "høst", "100% off")),
            "cart": {"items": whole(rng, 0, 9), "total": whole(rng, 0, 90_000) / 100},
            "flags": [chance(rng, 0.5), None, "b"],
        }
    if platform == "web":
        _web(event, rng, v4)
    else:
        _mobile(event, rng, platform, v4)
    if chance(rng, 0.2):
        event["proximity"] = {
            "id": token(rng, 15, BASE62),
            "precision_radius": pick(rng, (10, 25, 65, 175, 450, 1200, 3300, 8500, 22500)),
            "confidence": round(rng.random(), 3),
        }
    event["ip_blocklist"] = {
        "email_spam": chance(rng, 0.05),
        "attack_source": chance(rng, 0.05),
        "tor_node": chance(rng, 0.05),
    }
    event["ip_info"] = _ip_info(rng, v4, v6)
    _network_signals(event, rng)
    if chance(rng, 0.25):
        event["rule_action"] = _rule_action(rng)
    if chance(rng, 0.9):
        event["suspect_score"] = whole(rng, 0, 60)
    if chance(rng, 0.9):
        event["tampering"] = chance(rng, 0.15)
        event["tampering_confidence"] = pick(rng, LEVELS)
        event["tampering_ml_score"] = round(rng.random(), 6)
        event["tampering_details"] = {"anomaly_score": round(rng.random(), 6)}
        if platform == "web":
            event["tampering_details"]["anti_detect_browser"] = chance(rng, 0.1)
    event["velocity"] = _velocity(rng)
    event["vpn_origin_timezone"] = pick(rng, _PLACES)[5]
    event["vpn_origin_country"] = "unknown"
    event["high_activity_device"] = chance(rng, 0.1)
    event["raw_device_attributes"] = _raw(rng, platform)
    if chance(rng, 0.4):
        event["labels"] = [
            {"label": name, "prediction": chance(rng, 0.3), "ml_score": round(rng.random(), 5)}
            for name in ("account_takeover", "promo_abuse")
        ]


def _sdk(rng: random.Random, platform: Platform) -> dict[str, Any]:
    if platform != "web":
        return {"platform": platform, "version": pick(rng, ("2.9.0", "2.11.1"))}
    return {
        "platform": "js",
        "version": pick(rng, ("4.0.1", "4.1.0")),
        "integrations": [
            {
                "name": "tag-loader",
                "version": "1.4.2",
                "subintegration": {"name": "loader-preview", "version": "0.3.0"},
            },
        ],
    }


def _web(event: dict[str, Any], rng: random.Random, address: str) -> None:
    name, major, full, system, system_version, device = pick(rng, _BROWSERS)
    site = pick(rng, _SITES)
    event["url"] = site + pick(rng, _PAGES)
    event["ip_address"] = address
    event["user_agent"] = (
        f"Mozilla/5.0 ({system} {system_version}) Emulated/1.0 (like a browser) {name}/{full}"
    )
    event["client_referrer"] = site + "/"
    event["browser_details"] = {
        "browser_name": name,
        "browser_major_version": major,
        "browser_full_version": full,
        "os": system,
        "os_version": system_version,
        "device": device,
    }
    event["bot"] = pick(rng, ("not_detected", "not_detected", "not_detected", "good", "bad"))
    if event["bot"] != "not_detected":
        event["bot_type"] = pick(rng, ("headlessBrowser", "crawler"))
        event["bot_info"] = _bot_info(rng)
    _maybe(event, rng, ("developer_tools", "incognito", "privacy_settings", "virtual_machine"))
    event["proxy_ml_score"] = round(rng.random(), 6)
    event["virtual_machine_ml_score"] = round(rng.random(), 6)
    event["vpn_ml_score"] = round(rng.random(), 6)
    if chance(rng, 0.85):
        event["rare_device_percentile_bucket"] = pick(rng, BUCKETS)
        event["rare_device"] = event["rare_device_percentile_bucket"] not in BUCKETS[:2]


def _mobile(event: dict[str, Any], rng: random.Random, platform: Platform, address: str) -> None:
    _, maker, model, version = pick(rng, [phone for phone in _PHONES if phone[0] == platform])
    event["bundle_id" if platform == "ios" else "package_name"] = pick(
        rng, ("com.example.shop", "org.example.bank")
    )
    event["ip_address"] = address
    event["user_agent"] = f"ExampleApp/7.2 ({maker} {model}; {platform} {version})"
    event["device"] = model
    event["os"] = "iOS" if platform == "ios" else "Android"
    event["os_version"] = version
    event["device_details"] = {
        "device_manufacturer": maker,
        "device_model": model,
        "os_version": version,
    }
    _maybe(
        event, rng, ("active_call", "developer_tools", "frida", "location_spoofing", "mitm_attack")
    )
    _maybe(
        event,
        rng,
        ("jailbroken", "simulator")
        if platform == "ios"
        else ("cloned_app", "emulator", "root_apps"),
    )
    if chance(rng, 0.8):
        event["factory_reset_timestamp"] = pick(rng, (0, 1_735_689_600_000, 1_752_000_000_000))


def _raw(rng: random.Random, platform: Platform) -> dict[str, Any]:
    zone = pick(rng, _PLACES)[5]
    raw: dict[str, Any] = {
        "timezone": zone,
        "timezone_offset": pick(rng, ("+01:00", "-03:00", "+09:00")),
        "languages": [["en-GB"], ["en", "nb"]],
        "date_time_locale": "en-GB",
        "screen_resolution": pick(rng, ([1920, 1080], [2560, 1440], [390, 844])),
        "hardware_concurrency": pick(rng, (4, 8, 12)),
        "device_memory": pick(rng, (4, 8, 16)),
        "architecture": pick(rng, (127, 255)),
        "fonts": [font for font in _FONTS if chance(rng, 0.8)],
        "font_hash": token(rng, 32),
    }
    if platform != "web":
        return raw | {
            "device_model": pick(rng, _PHONES)[2],
            "device_manufacturer": pick(rng, _PHONES)[1],
            "battery_level": whole(rng, 1, 100),
            "battery_charging": chance(rng, 0.3),
            "battery_low_power_mode": chance(rng, 0.1),
            "keyboard_layout_hash": token(rng, 32),
            "keyboard_layout_name": "com.example.keyboard.en",
        }
    widths = {
        name: whole(rng, 9_000, 15_000) / 97
        for name in ("default", "serif", "sans", "mono", "apple", "min")
    }
    box = {
        name: whole(rng, 0, 20_000) / 64
        for name in ("width", "height", "top", "bottom", "left", "right", "x", "y")
    }
    return raw | {
        "font_preferences": widths | {"system": 147.859375},
        "emoji": {"font": "Agate Emoji", **box},
        "canvas": {"winding": True, "geometry": token(rng, 32), "text": token(rng, 32)},
        "webgl_basics": {
            "version": "WebGL 1.0 (emulated)",
            "vendor": "Example GL",
            "vendor_unmasked": "Example Graphics Ltd.",
            "renderer": "Example GL",
            "renderer_unmasked": f"Example Graphics Renderer {whole(rng, 100, 999)} Direct",
            "shading_language_version": "WebGL GLSL ES 1.0 (emulated)",
        },
        "webgl_extensions": {
            "context_attributes": token(rng, 32),
            "parameters": token(rng, 32),
            "shader_precisions": token(rng, 32),
            "extensions": token(rng, 32),
            "extension_parameters": token(rng, 32),
            "unsupported_extensions": [name for name in _GL if chance(rng, 0.4)],
        },
        "touch_support": {"touch_event": False, "touch_start": False, "max_touch_points": 0},
        "oscpu": "Emulated x86_64",
        "cookies_enabled": True,
        "vendor": "Example Browser Works",
        "color_depth": 24,
        "platform": pick(rng, ("Win32", "MacIntel", "Linux x86_64")),
        "session_storage": True,
        "local_storage": True,
        "indexed_db": True,
        "audio": whole(rng, 100_000, 140_000) / 1_009,
        "math": token(rng, 32),
        "plugins": [
            {
                "name": f"Example {kind} Viewer",
                "mimeTypes": [{"type": f"application/x-{kind.lower()}", "suffixes": kind.lower()}],
            }
            for kind in ("PDF", "Page", "Drawing", "Atlas", "Score")
        ],
    }
