"""What the events of one synthetic device look like: the large, slow-changing part of an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from fingerprint_async.testing.synthetic._random import chance, pick, seeded, token, whole
from fingerprint_async.testing.synthetic.catalog import (
    BASE62,
    BOTS,
    BROWSERS,
    BUCKETS,
    ENVIRONMENTS,
    FONTS,
    GL,
    LEVELS,
    NETWORKS,
    PAGES,
    PHONES,
    PLACES,
    SITES,
    SLIM_FIELDS,
)
from fingerprint_async.testing.synthetic.rates import Platform, Traits, add_tomorrow

if TYPE_CHECKING:
    import random

__all__ = ["Detail", "make_profile", "slim"]

Detail = Literal["full", "slim"]


def make_profile(
    *, traits: Traits, number: int, before: int, tomorrow: float = 0.0
) -> dict[str, Any]:
    """Return one device's (or one edge caller's) event, without what differs between its events.

    Args:
        traits: Platform, seed, and which signals are true.
        number: Which one of this kind; the same arguments give the same profile.
        before: Unix ms; earlier sightings of the device lie before it.
        tomorrow: The share of devices with fields and values that no schema of today knows.
    """
    platform = traits.platform
    rng = seeded(traits.seed, "profile", platform, number)
    event: dict[str, Any] = {"source": "edge" if platform == "edge" else "device"}
    if platform == "edge":
        _edge(event, rng, traits, number)
    else:
        _device(event, rng, traits, number, before)
    if tomorrow:
        add_tomorrow(event, traits, tomorrow)
    return event


def slim(event: dict[str, Any]) -> dict[str, Any]:
    """Return the event with its large parts left out."""
    return {name: value for name, value in event.items() if name in SLIM_FIELDS}


def _address(rng: random.Random, number: int) -> tuple[str, str]:
    network = ("192.0.2", "198.51.100", "203.0.113")[number % 3]
    return f"{network}.{1 + number % 250}", f"2001:db8:{whole(rng, 1, 0xFFFF):x}::{number + 1:x}"


def _ip_info(rng: random.Random, v4: str, v6: str) -> dict[str, Any]:
    city, country, country_name, continent, continent_name, zone, lat, lon, code, iso, region = (
        pick(rng, PLACES)
    )
    asn, asn_name, asn_type = pick(rng, NETWORKS)
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


def _bot_info(rng: random.Random, number: int) -> dict[str, Any]:
    category, provider, name, url = BOTS[number % len(BOTS)]
    info = {"category": category, "provider": provider, "name": name}
    if url:
        info["provider_url"] = url
    identity = pick(rng, ("verified", "signed", "spoofed", "unknown"))
    return info | {"identity": identity, "confidence": pick(rng, LEVELS)}


def _network_signals(event: dict[str, Any], rng: random.Random, traits: Traits) -> None:
    event["proxy"] = traits.holds("proxy")
    event["proxy_confidence"] = pick(rng, LEVELS)
    if event["proxy"]:
        event["proxy_details"] = {
            "proxy_type": pick(rng, ("residential", "data_center", "unknown")),
            "last_seen_at": 1_760_000_000_000 + whole(rng, 0, 9_999) * 1_000,
            "provider": pick(rng, ("Tidewater", "Copperline")),
        }
    if chance(rng, 0.9):
        event["vpn"] = traits.holds("vpn")
        event["vpn_confidence"] = pick(rng, LEVELS)
        event["vpn_methods"] = {
            "timezone_mismatch": chance(rng, 0.2),
            "public_vpn": chance(rng, 0.2),
            "auxiliary_mobile": False,
            "os_mismatch": chance(rng, 0.1),
            "relay": chance(rng, 0.1),
            "ml_prediction": chance(rng, 0.2),
        }


def _edge(event: dict[str, Any], rng: random.Random, traits: Traits, number: int) -> None:
    v4, v6 = _address(rng, number)
    event["environment_id"] = pick(rng, ENVIRONMENTS)
    if chance(rng, 0.3):
        event["tags"] = {"route": "api", "weight": whole(rng, 1, 9)}
    event["url"] = pick(rng, SITES) + pick(rng, PAGES)
    event["ip_address"] = v4
    event["user_agent"] = f"edge-caller/{number} (+https://caller.example/{token(rng, 6)})"
    if traits.holds("bot_info", 0.8):
        event["bot_info"] = _bot_info(rng, number)
    event["ip_info"] = _ip_info(rng, v4, v6)
    _network_signals(event, rng, traits)


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


def _confidence(rng: random.Random) -> dict[str, Any]:
    confidence: dict[str, Any] = {"score": round(0.5 + rng.random() / 2, 4), "version": "1.1"}
    if chance(rng, 0.1):
        confidence["comment"] = "The confidence was lowered by feedback."
    return confidence


def _identity(visitor: str, rng: random.Random, before: int) -> dict[str, Any]:
    day = 86_400_000
    last = before - whole(rng, 1, 20 * day)
    return {
        "visitor_id": visitor,
        "visitor_found": chance(rng, 0.9),
        "confidence": _confidence(rng),
        "first_seen_at": last - whole(rng, 1, 200 * day),
        "last_seen_at": last,
    }


def _device(
    event: dict[str, Any], rng: random.Random, traits: Traits, number: int, before: int
) -> None:
    platform = traits.platform
    v4, v6 = _address(rng, number)
    if platform == "web" and chance(rng, 0.2):
        event["incremental_identification_status"] = pick(rng, ("partially_completed", "completed"))
    if chance(rng, 0.5):
        event["linked_id"] = "customer-0"
    event["environment_id"] = pick(rng, ENVIRONMENTS)
    if chance(rng, 0.5):
        event["suspect"] = traits.holds("suspect")
    event["sdk"] = _sdk(rng, platform)
    event["replayed"] = traits.holds("replayed")
    event["identification"] = _identity("v" * 20, rng, before)
    event["supplementary_id_high_recall"] = _identity("h" * 20, rng, before)
    if chance(rng, 0.6):
        event["tags"] = {
            "campaign": pick(rng, ("spring", "høst", "100% off")),
            "cart": {"items": whole(rng, 0, 9), "total": whole(rng, 0, 90_000) / 100},
            "flags": [chance(rng, 0.5), None, "b"],
        }
    if platform == "web":
        _web(event, rng, traits, number, v4)
    else:
        _mobile(event, rng, traits, v4)
    if chance(rng, 0.2):
        event["proximity"] = {
            "id": token(rng, 15, BASE62),
            "precision_radius": pick(rng, (10, 25, 65, 175, 450, 1200, 3300, 8500, 22500)),
            "confidence": round(rng.random(), 3),
        }
    event["ip_blocklist"] = {
        name: traits.holds(name) for name in ("email_spam", "attack_source", "tor_node")
    }
    event["ip_info"] = _ip_info(rng, v4, v6)
    _network_signals(event, rng, traits)
    if chance(rng, 0.25):
        event["rule_action"] = _rule_action(rng)
    if chance(rng, 0.9):
        event["suspect_score"] = whole(rng, 0, 60)
    if chance(rng, 0.9):
        event["tampering"] = traits.holds("tampering")
        event["tampering_confidence"] = pick(rng, LEVELS)
        event["tampering_ml_score"] = round(rng.random(), 6)
        event["tampering_details"] = {"anomaly_score": round(rng.random(), 6)}
        if platform == "web":
            event["tampering_details"]["anti_detect_browser"] = traits.holds("anti_detect_browser")
    event["velocity"] = _velocity(rng)
    event["vpn_origin_timezone"] = pick(rng, PLACES)[5]
    event["vpn_origin_country"] = "unknown"
    event["high_activity_device"] = traits.holds("high_activity_device")
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


def _web(
    event: dict[str, Any], rng: random.Random, traits: Traits, number: int, address: str
) -> None:
    name, major, full, system, system_version, device = pick(rng, BROWSERS)
    site = pick(rng, SITES)
    event["url"] = site + pick(rng, PAGES)
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
        event["bot_info"] = _bot_info(rng, number)
    event |= traits.signals("developer_tools", "incognito", "privacy_settings", "virtual_machine")
    event["proxy_ml_score"] = round(rng.random(), 6)
    event["virtual_machine_ml_score"] = round(rng.random(), 6)
    event["vpn_ml_score"] = round(rng.random(), 6)
    if chance(rng, 0.85):
        event["rare_device_percentile_bucket"] = pick(rng, BUCKETS)
        event["rare_device"] = event["rare_device_percentile_bucket"] not in BUCKETS[:2]


def _mobile(event: dict[str, Any], rng: random.Random, traits: Traits, address: str) -> None:
    platform = traits.platform
    _, maker, model, version = pick(rng, [phone for phone in PHONES if phone[0] == platform])
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
    event |= traits.signals(
        "active_call", "developer_tools", "frida", "location_spoofing", "mitm_attack"
    )
    if platform == "ios":
        event |= traits.signals("jailbroken", "simulator")
    else:
        event |= traits.signals("cloned_app", "emulator", "root_apps")
    if chance(rng, 0.8):
        event["factory_reset_timestamp"] = pick(rng, (0, 1_735_689_600_000, 1_752_000_000_000))


def _raw(rng: random.Random, platform: Platform) -> dict[str, Any]:
    zone = pick(rng, PLACES)[5]
    raw: dict[str, Any] = {
        "timezone": zone,
        "timezone_offset": pick(rng, ("+01:00", "-03:00", "+09:00")),
        "languages": [["en-GB"], ["en", "nb"]],
        "date_time_locale": "en-GB",
        "screen_resolution": pick(rng, ([1920, 1080], [2560, 1440], [390, 844])),
        "hardware_concurrency": pick(rng, (4, 8, 12)),
        "device_memory": pick(rng, (4, 8, 16)),
        "architecture": pick(rng, (127, 255)),
        "fonts": [font for font in FONTS if chance(rng, 0.8)],
        "font_hash": token(rng, 32),
    }
    if platform != "web":
        return raw | {
            "device_model": pick(rng, PHONES)[2],
            "device_manufacturer": pick(rng, PHONES)[1],
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
            "unsupported_extensions": [name for name in GL if chance(rng, 0.4)],
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
                "description": f"Shows a {kind.lower()}",
                "mimeTypes": [
                    {
                        "type": f"application/x-{kind.lower()}",
                        "suffixes": kind.lower(),
                        "description": kind,
                    }
                ],
            }
            for kind in ("PDF", "Page", "Drawing", "Atlas", "Score")
        ],
    }
