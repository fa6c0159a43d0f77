"""Expressions at random over what is known at a place. Owns making many that are nearly right: guards, filters and operators that may be one off."""

from __future__ import annotations

from random import Random

from tests.flows.oracle.paths import Known

WORDS = ("a", "demo", "Ann", "", "active", "succeeded")
TEXT_FILTERS = (
    "lower",
    "upper",
    "trim",
    "title",
    "length",
    "uuid",
    "urlencode",
    "split('@')",
    "split('@') | last",
    "split('@') | first",
    "truncate(3)",
    "replace('a', 'b')",
    "capitalize",
    "reverse",
    "list",
    "first",
    "last",
    "string",
    "json",
)
LIST_FILTERS = (
    "length",
    "first",
    "last",
    "reverse",
    "unique",
    "json",
    "list",
    "join(', ')",
    "select",
    "reject",
    "string",
    "sort",
    "sum",
    "max",
    "min",
    "map('string')",
    "map('length')",
    "map('lower')",
)
NUMBER_FILTERS = ("abs", "round", "int", "float", "string", "json", "round(1)")
OBJECT_FILTERS = (
    "keys",
    "values",
    "items",
    "length",
    "json",
    "list",
    "keys | first",
    "values | first",
    "items | first",
)
ANY_FILTERS = (
    "string",
    "json",
    "default('x')",
    "default('x', true)",
    "default(none)",
    "default([], true)",
    "default({}, true)",
    "default(0, true)",
    "urlencode",
)
OWN = {"text": TEXT_FILTERS, "list": LIST_FILTERS, "number": NUMBER_FILTERS, "object": OBJECT_FILTERS}
METHODS = (
    "split('@')",
    "lower()",
    "upper()",
    "strip()",
    "startswith('a')",
    "replace('a', 'b')",
    "get('id')",
    "keys()",
    "values()",
    "items()",
    "get('id', 'x')",
)


class Writer:
    """Writes expressions; ``hot``: paths that a condition around has tested, which are named more often."""

    def __init__(self, dice: Random, paths: list[Known], hot: tuple[str, ...] = ()) -> None:
        self._dice = dice
        self._paths = paths
        self._hot = [
            one for one in paths if any(one.path == at or one.path.startswith((f"{at}.", f"{at}[")) for at in hot)
        ]
        self.tested: list[str] = []

    def path(self, *kinds: str) -> Known:
        pool = self._hot if self._hot and self._dice.random() < 0.5 else self._paths
        if kinds and self._dice.random() < 0.95:
            pool = [one for one in pool if one.kinds & set(kinds)] or pool
        return self._dice.choice(pool)

    def _const(self, one: Known | None = None) -> str:
        if one is not None and one.constants and self._dice.random() < 0.8:
            return _quoted(self._dice.choice(one.constants))
        return _quoted(self._dice.choice(WORDS))

    def condition(self, depth: int = 2) -> str:
        rolled = self._dice.random()
        if depth and rolled < 0.18:
            return f"{self.condition(depth - 1)} and {self.condition(depth - 1)}"
        if depth and rolled < 0.28:
            return f"({self.condition(depth - 1)} or {self.condition(depth - 1)})"
        if depth and rolled < 0.36:
            return f"not ({self.condition(depth - 1)})"
        if depth and rolled < 0.40:
            return f"({self.condition(depth - 1)} if {self.condition(depth - 1)} else {self.condition(depth - 1)})"
        return self._atom()

    def _atom(self) -> str:
        one = self.path()
        self.tested.append(one.path)
        path, dice = one.path, self._dice
        parent, _, last = path.rpartition(".")
        forms = self._asked(one)
        if last and "[" not in last:
            forms += [
                f"'{last}' in {parent}",
                f"{parent}.get('{last}')",
                f"{parent}.get('{last}') is not none",
                f"'{last}' not in {parent}",
            ]
            self.tested.append(parent)
        if one.kinds & {"text"}:
            forms += [
                f"{path} | lower == {self._const(one)}",
                f"'a' in {path}",
                f"{path}.startswith('a')",
                f"{path} < 'b'",
                f"{path} | length > 1",
            ]
        if one.kinds & {"list"}:
            forms += [f"{path} | length > 0", f"{path}[0] is defined", f"{path} | first is defined", f"'a' in {path}"]
        if one.kinds & {"number"}:
            forms += [f"{path} > 1", f"{path} % 2 == 0", f"{path} is even", f"{path} <= 3"]
        return dice.choice(forms)

    def _asked(self, one: Known) -> list[str]:
        """What can be asked of any value."""
        path, comparable = one.path, self.path("text", "number")
        return [
            f"{path} is defined",
            f"{path} is not none",
            f"{path} is none",
            f"{path} is undefined",
            path,
            f"not {path}",
            f"{path} == {self._const(one)}",
            f"{path} != {self._const(one)}",
            f"{path} in [{self._const(one)}, {self._const(one)}]",
            f"{path} is defined and {path} is not none",
            f"{path} | default(none) is not none",
            f"{path} | default('', true) != ''",
            f"{path} is defined and {path}",
            f"{path} is string",
            f"{path} is number",
            f"{path} is list",
            f"{path} is mapping",
            f"{path} == none",
            f"{path} != none",
            f"{path} | default(none)",
            f"{path} | default(none) == {self._const(one)}",
            f"{path} is truthy",
            f"{path} is in [{self._const(one)}, none]",
            f"{path} == {comparable.path}",
            f"{path} is not defined or {path} is none",
            f"{path} is boolean",
            f"{path} not in [none, '']",
            f"{path} is eq({self._const(one)})",
            f"{path} is not string",
        ]

    def value(self, depth: int = 2) -> str:
        rolled, dice = self._dice.random(), self._dice
        if depth and rolled < 0.14:
            return f"({self.value(depth - 1)} if {self.condition(1)} else {self.value(depth - 1)})"
        if depth and rolled < 0.22:
            return self._guarded()
        if depth and rolled < 0.27:
            return f"({self.value(depth - 1)} ~ {self.value(depth - 1)})"
        if depth and rolled < 0.31:
            return f"({self.number(depth - 1)} {dice.choice(['+', '-', '*', '//', '%', '/'])} {dice.choice(['2', '3', self.number(depth - 1)])})"
        if depth and rolled < 0.35:
            return f"({self.value(depth - 1)} {dice.choice(['or', 'and'])} {self.value(depth - 1)})"
        if depth and rolled < 0.38:
            return f"[{self.value(depth - 1)}, {self.value(depth - 1)}]"
        if depth and rolled < 0.41:
            return f"{{'a': {self.value(depth - 1)}, 'b': {self.value(depth - 1)}}}"
        if depth and rolled < 0.43:
            return f"({self.text(depth - 1)} + {self.text(depth - 1)})"
        return self._filtered(self.path())

    def _guarded(self) -> str:
        """A value beside its own test, right or nearly so."""
        one, dice = self.path(), self._dice
        path, parent = one.path, one.path.rpartition(".")[0] or one.path
        used = self._filtered(one)
        tests = [
            f"{path} is defined",
            f"{path} is not none",
            path,
            f"{path} is defined and {path} is not none",
            f"{parent}",
            f"{parent} is not none",
            f"{parent} is defined and {parent}",
            f"{path} | default(none)",
            f"{path} is string",
            f"{path} != none",
            f"{path} is truthy",
            f"not {path} is none",
            f"{path} is defined and {path} is string",
            f"{path} | default('') | length > 1",
        ]
        if path.startswith("steps."):
            tests += [f"steps.{path.split('.')[1]}.status == 'succeeded'"] * 8
        if path.startswith("steps.") and ".error" in path:
            tests += [f"steps.{path.split('.')[1]}.status == 'failed'"] * 4
        test = dice.choice(tests)
        if dice.random() < 0.2:
            return f"('x' if not ({test}) else {used})"
        if dice.random() < 0.1:
            return f"({test} and {used})"
        return f"({used} if {test} else {dice.choice(['none', _quoted('x'), '0', '[]'])})"

    def _filtered(self, one: Known) -> str:
        found, dice = one.path, self._dice
        if dice.random() < 0.25:
            return found
        if dice.random() < 0.3:
            found += " | " + dice.choice(
                [
                    "default('x')",
                    "default('x', true)",
                    "default(none)",
                    "default({}, true)",
                    "default([], true)",
                    "default(0, true)",
                ]
            )
        pool = [each for kind in one.kinds for each in OWN.get(kind, ())] or list(ANY_FILTERS)
        if one.kinds & {"list"} and one.items is not None and dice.random() < 0.5:
            return self._of_items(found, one)
        if dice.random() < 0.1:
            return f"({found}).{dice.choice(METHODS)}"
        found += " | " + dice.choice(pool if dice.random() < 0.9 else ANY_FILTERS)
        if dice.random() < 0.15:
            found += " | " + dice.choice(ANY_FILTERS + TEXT_FILTERS)
        return f"({found})"

    def _of_items(self, found: str, one: Known) -> str:
        from tests.flows.oracle.paths import known

        dice = self._dice
        inner = [each for each in known("i", one.items or {}, one.whole) if each.path != "i" and "[" not in each.path]
        if not inner:
            return f"({found} | {dice.choice(LIST_FILTERS)})"
        name = dice.choice(inner).path[2:]
        word = self._const()
        return (
            "("
            + dice.choice(
                [
                    f"{found} | map(attribute='{name}') | list",
                    f"{found} | map(attribute='{name}') | join(', ')",
                    f"{found} | pluck('{name}')",
                    f"{found} | selectattr('{name}') | list | length",
                    f"{found} | selectattr('{name}') | map(attribute='{name}') | map('lower') | list",
                    f"{found} | where('{name}', {word}) | first | default(none)",
                    f"{found} | unique_by('{name}')",
                    f"{found} | sort(attribute='{name}')",
                    f"{found} | max(attribute='{name}')",
                    f"{found} | sum(attribute='{name}')",
                    f"{found} | rejectattr('{name}', 'none') | map(attribute='{name}') | map('lower') | list",
                    f"{found} | map(attribute='{name}', default='x') | map('length') | list",
                    f"{found} | selectattr('{name}', 'eq', {word}) | list",
                    f"{found} | selectattr('{name}', 'defined') | list",
                    f"{found} | join('-', attribute='{name}')",
                    f"{found} | selectattr('{name}', 'string') | sort(attribute='{name}') | list",
                    f"({found} | where('{name}', {word}))[0].{name}",
                ]
            )
            + ")"
        )

    def text(self, depth: int = 1) -> str:
        if depth and self._dice.random() < 0.3:
            return self._guarded()
        one = self.path("text")
        return self._dice.choice(
            [
                one.path,
                one.path,
                f"({one.path} | lower)",
                f"({one.path} | default('x', true))",
                f"({one.path} | string)",
                _quoted("w"),
            ]
        )

    def number(self, depth: int = 1) -> str:
        one = self.path("number", "list")
        return self._dice.choice(
            [one.path, f"({one.path} | default(0, true))", f"({one.path} | length)", f"({one.path} | int(0))", "3"]
        )

    def items(self) -> str:
        one = self.path("list")
        return self._dice.choice(
            [
                one.path,
                one.path,
                one.path,
                f"{one.path} | default([], true)",
                f"{one.path} | default([])",
                f"{one.path} or []",
                "[1, 2]",
                f"[{self.value(0)}, none]",
                f"{one.path} if {self.condition(1)} else []",
                f"{one.path} | reverse",
                f"{one.path} | list",
            ]
        )

    def template(self) -> str:
        """A text with expressions and statements in it."""
        rolled = self._dice.random()
        if rolled < 0.55:
            return f"{{{{ {self.value()} }}}}"
        if rolled < 0.8:
            return f"x {{{{ {self.value()} }}}} y {{{{ {self.value(1)} }}}}"
        if rolled < 0.9:
            condition = self.condition()
            return f"{{% if {condition} %}}{{{{ {Writer(self._dice, self._paths, tuple(self.tested)).value()} }}}}{{% else %}}{{{{ {self.value()} }}}}{{% endif %}}"
        one = self.path("list")
        return f"{{% for each in {one.path} %}}{{{{ {self._item_of(one)} }}}}{{% else %}}{{{{ {self.value(1)} }}}}{{% endfor %}}"

    def _item_of(self, one: Known) -> str:
        from tests.flows.oracle.paths import known

        return Writer(self._dice, [*known("each", one.items or {}, one.whole), *self._paths[:1]]).value(1)


def _quoted(value: object) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "") + "'"
    if value is None or isinstance(value, bool):
        return "none" if value is None else str(value).lower()
    return str(value)
