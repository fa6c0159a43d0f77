"""How long a step of fuel takes: what holds engine/expressions/costs.py to ``limits.MAX_FUEL``. Prints, asserts nothing.

    python -m tests.bench.expressions

Each line is an expression that burns as much fuel as its data allow. The last column is what the whole fuel would take at that price;
the largest of them is how long an expression can run on this machine.
"""

from __future__ import annotations

import time
from contextlib import suppress

from engine.errors import ExpressionError, Place
from engine.expressions import compile_expression
from engine.expressions.limits import MAX_FUEL
from engine.expressions.values import Meter
from engine.strictjson import Json

_PLACE = Place(file="bench", line=1, column=1)
_DATA: dict[str, Json] = {
    "text": "a" * 250_000,
    "body": "a" * 1_000_000,
    "wild": "ß" * 250_000,
    "chars": "b" * 20_000 + "a",
    "nearly": "a" * 99 + "b",
    "few": list(range(5_000)),
    "many": list(range(100_000)),
    "words": [f"word {number}" for number in range(5_000)],
    "people": [{"id": number, "name": f"P{number}", "tags": [number]} for number in range(8_000)],
    "rows": [[0] * 200 + [number] for number in range(2_000)],
    "wide": {f"key{number}": number for number in range(40_000)},
    "tree": [[[number] * 50 for number in range(50)] for _ in range(30)],
    "twin": [[[number] * 50 for number in range(50)] for _ in range(30)],
    "times": ["2026-03-01T09:30:00Z"] * 3_000,
}
_MANY = "[{}] | length"
_EXPRESSIONS = (
    "many | select('odd') | length",
    "many[:40000] | reject('eq', 5) | length",
    "people | selectattr('id', 'gt', 5) | length",
    "people | where('id', 5)",
    "people | map(attribute='name') | length",
    "people | sort(attribute='name') | length",
    "words | sort | length",
    "rows | sort | length",
    "people | unique_by('name') | length",
    "words | unique | length",
    "few | map('string') | join | length",
    "few | map('json') | length",
    "words | map('upper') | length",
    "words | map('replace', 'w', 'v') | length",
    "words | map('split') | length",
    "few | map('round', 2) | length",
    "few | map('int') | sum",
    "times | map('format_time', 'Europe/Rome') | length",
    "times | map('parse_time') | length",
    "times | map('parse_time', '%Y-%m-%dT%H:%M:%SZ') | length",
    "times | map('add', '1h') | length",
    "few | select('in', few[:150]) | length",
    "rows[:1500] | select('in', [rows[0]]) | length",
    *(
        _MANY.format(",".join([part] * (4_000 // (len(part) + 1))))
        for part in (
            "many[:]",
            "many[::-1]",
            "many|reverse",
            "wide|items",
            "wide|values",
            "wide|keys",
            "tree==twin",
            "text|lower",
            "wild|lower",
            "wild|title",
            "wild|upper",
            "body[1:]",
            "body[::-1]",
            "text~1",
            "text|trim",
            "text|trim('abc')",
            "text[:2000]|trim(chars)",
            "text|replace('ab','')",
            "body|replace(nearly,'')",
            "nearly in body",
            "body[1:]==body",
            "text[:9000]|list",
            "text[:100000]|urlencode",
            "wild[:20000]|urlencode",
            "people[:900]|json",
            "people[:900]|string",
            "people|length",
        )
    ),
)


def main() -> None:
    worst = 0.0
    for text in _EXPRESSIONS:
        seconds, burnt, outcome = _timed(text)
        price = seconds / burnt * MAX_FUEL
        worst = max(worst, price)
        print(
            f"{text[:60]:60} {seconds * 1e3:7.1f} ms {burnt:9,} steps  {outcome:7}  {price * 1e3:6.0f} ms for all fuel"
        )
    print(f"the dearest: {worst * 1e3:.0f} ms for {MAX_FUEL:,} steps")


def _timed(text: str) -> tuple[float, int, str]:
    """Seconds (the best of three), fuel burnt, how it ended."""
    found: list[tuple[float, int, str]] = []
    for _ in range(3):
        expression, meter, outcome = compile_expression(text, _PLACE), Meter(), "value"
        expression.references()
        with suppress(ExpressionError):  # Its code is made by now, which is no part of the work.
            expression.evaluate_on(Meter(), {})
        begun = time.perf_counter()
        try:
            expression.evaluate_on(meter, _DATA)
        except ExpressionError as error:
            outcome = "refused" if "more work" in error.message else error.message[:40]
        found.append((time.perf_counter() - begun, MAX_FUEL - max(meter.fuel.left, 0), outcome))
    return min(found)


if __name__ == "__main__":
    main()
