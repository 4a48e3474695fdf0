"""The report as one self-contained page.

Both sides of every change, a filter, no request to anywhere.
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

from fingerprint_async.drift.contract.report._group import by_place, headline, notes, use_words
from fingerprint_async.drift.contract.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fingerprint_async.drift.contract.assess import Entry, Report, Side

__all__ = ["render"]

MAX_SIDE = 4000

_STYLE = """
:root{color-scheme:light dark;--bad:#b3261e;--good:#1a7f37;--dim:#6b7280;--line:#d0d7de;
--card:#f6f8fa;--mark:#fff3c4}
@media(prefers-color-scheme:dark){:root{--bad:#ff8a80;--good:#7ee787;--dim:#9aa4b2;--line:#30363d;
--card:#161b22;--mark:#4d3d00}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1.5rem}
h1{font-size:1.4rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}h3{font-size:.95rem;
margin:1.25rem 0 .4rem}
code,pre{font:13px/1.45 ui-monospace,monospace}
.dim{color:var(--dim)}.breaking{color:var(--bad)}.non-breaking{color:var(--good)}
.docs-only{color:var(--dim)}
.bar{display:flex;gap:1rem;flex-wrap:wrap;align-items:center;position:sticky;top:0;
background:Canvas;padding:.6rem 0;
border-bottom:1px solid var(--line);z-index:1}
input[type=search]{flex:1;min-width:12rem;padding:.35rem .6rem;font:inherit}
details{border:1px solid var(--line);border-radius:6px;margin:.4rem 0;background:var(--card)}
summary{cursor:pointer;padding:.45rem .7rem;overflow-wrap:anywhere}
.body{padding:0 .7rem .7rem}
.sides{display:grid;grid-template-columns:1fr 1fr;gap:.6rem}
@media(max-width:48rem){.sides{grid-template-columns:1fr}}
.side{border:1px solid var(--line);border-radius:4px;background:Canvas;min-width:0}
.side h4{margin:0;padding:.25rem .5rem;font-size:.75rem;font-weight:600;color:var(--dim);
border-bottom:1px solid var(--line);
overflow-wrap:anywhere}
.side pre{margin:0;padding:.5rem;overflow:auto;max-height:24rem;white-space:pre-wrap;
overflow-wrap:anywhere}
.side .only{background:var(--mark);display:block}
.tag{display:inline-block;border:1px solid var(--line);border-radius:1rem;padding:0 .5rem;
font-size:.75rem;margin-left:.3rem}
[hidden]{display:none!important}
"""

_SCRIPT = """
const search=document.querySelector('input[type=search]'),
boxes=[...document.querySelectorAll('.bar input[type=checkbox]')];
function show(){
  const words=search.value.toLowerCase().split(/\\s+/).filter(Boolean),
classes=new Set(boxes.filter(b=>b.checked).map(b=>b.value));
  let shown=0;
  for(const item of document.querySelectorAll('details[data-class]')){
    const text=item.textContent.toLowerCase(),
fits=classes.has(item.dataset.class)&&words.every(w=>text.includes(w));
    item.hidden=!fits;shown+=fits;
  }
  for(const group of document.querySelectorAll('section')){
group.hidden=!group.querySelector('details:not([hidden])')}
  document.querySelector('#shown').textContent=shown+' shown';
}
search.addEventListener('input',show);boxes.forEach(b=>b.addEventListener('change',show));show();
"""


def render(report: Report) -> str:
    """Write the report as an HTML page."""
    return "".join(_page(report))


def _page(report: Report) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield f"<title>{escape(headline(report))}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{escape(headline(report))}</h1>"
    old, new = escape(report.old.source), escape(report.new.source)
    yield f'<p class="dim"><code>{old}</code> → <code>{new}</code></p>'
    if report.used_by is not None:
        yield f"<p>{escape(use_words(report))}</p>"
    yield '<div class="bar"><input type="search" aria-label="Filter" '
    yield 'placeholder="Filter by field, rule, operation, symbol">'
    for cls, count in report.counts.items():
        if count:
            yield f'<label class="{cls}"><input type="checkbox" value="{cls}" checked> '
            yield f"{cls} ({count})</label>"
    yield '<span id="shown" class="dim"></span></div>'
    for cls in ("breaking", "non-breaking", "docs-only"):
        entries = [entry for entry in report.entries if entry.cls == cls]
        if not entries:
            continue
        yield f'<section><h2 class="{cls}">{cls} ({len(entries)})</h2>'
        for place, group in by_place(entries):
            yield f"<section><h3>{escape(place)}</h3>"
            for entry in group:
                yield from _entry(entry, report)
            yield "</section>"
        yield "</section>"
    if report.ignored:
        yield f"<h2>ignored ({len(report.ignored)})</h2><ul>"
        for entry in report.ignored:
            reason = entry.decision.reason if entry.decision else ""
            yield f"<li>{escape(entry.change.summary)}: {escape(reason)}</li>"
        yield "</ul>"
    if notes(report):
        yield "<h2>notes</h2><ul>"
        yield from (f"<li>{escape(note)}</li>" for note in notes(report))
        yield "</ul>"
    yield f"<script>{_SCRIPT}</script></body></html>\n"


def _entry(entry: Entry, report: Report) -> Iterator[str]:
    change = entry.change
    symbols = "".join(f'<code class="tag">{escape(name)}</code>' for name in entry.symbols[:4])
    opened = " open" if entry.cls == "breaking" else ""
    yield f'<details data-class="{entry.cls}"{opened}><summary>'
    yield f'<span class="{entry.cls}">{change.kind}</span> '
    yield f"{escape(change.summary)}{symbols}</summary><div class=body>"
    yield f"<p><code>{change.rule}</code> {escape(RULES[change.rule].doc)} "
    where = escape(change.location)
    yield f'<span class="dim">{change.direction} · <code>{where}</code></span></p>'
    if change.operations:
        yield f'<p class="dim">{escape(", ".join(change.operations))}</p>'
    if entry.decision is not None:
        yield f"<p>{escape(str(entry.decision))}</p>"
    if entry.used_at:
        uses = ", ".join(f"<code>{escape(use.path)}:{use.line}</code>" for use in entry.used_at)
        yield f"<p>used at {uses}</p>"
    was = _excerpt(report.old, change.old_location)
    now = _excerpt(report.new, change.location if change.document == "new" else None)
    old_lines, new_lines = set(was), set(now)
    yield '<div class="sides">'
    yield _side("before", change.old_location, was, new_lines)
    yield _side("after", change.location if change.document == "new" else None, now, old_lines)
    yield "</div></div></details>"


def _excerpt(side: Side, pointer: str | None) -> list[str]:
    if pointer is None:
        return []
    text = json.dumps(side.document.at(pointer), indent=2, ensure_ascii=False, default=str)
    if len(text) > MAX_SIDE:
        text = f"{text[:MAX_SIDE]}\n…"
    return text.splitlines()


def _side(title: str, pointer: str | None, lines: list[str], other: set[str]) -> str:
    where = f" <code>{escape(pointer)}</code>" if pointer else ""
    if not lines:
        return f'<div class="side"><h4>{title}{where}</h4><pre class="dim">not there</pre></div>'
    marked = "".join(
        f"{escape(line)}\n" if line in other else f'<span class="only">{escape(line)}</span>'
        for line in lines
    )
    return f'<div class="side"><h4>{title}{where}</h4><pre>{marked}</pre></div>'
