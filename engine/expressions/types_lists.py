"""The types of filters and methods where they stand: their input, their arguments, and the fields of items that they name by text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from jinja2 import nodes

from engine.expressions.filters import FILTERS
from engine.expressions.methods import OBJECT_METHODS, TEXT_METHODS
from engine.expressions.references import Path, key_of, path_of
from engine.expressions.types import (
    ABSENT,
    ABSENT_MEMBER,
    ANY,
    ANY_LIST,
    Kind,
    ListOf,
    Object,
    Type,
    has,
    in_words,
    items_of,
    member_field,
    union,
    without,
)
from engine.expressions.types_conditions import constant, is_constant
from engine.expressions.types_filters import SIGNATURES, Argument, Signature, fits, kinds_in_words, mapped
from engine.expressions.types_marks import carried
from engine.expressions.types_narrow import Environment, Filter, equal_to, filter_of_test
from engine.expressions.types_problems import Problem

if TYPE_CHECKING:
    from engine.expressions.types_infer import Inference

_SELECTING: Mapping[str, bool] = {"select": True, "reject": False, "selectattr": True, "rejectattr": False}
_PASSING = frozenset({"default", "first", "last", "list", "reverse", "values", ".values", ".get", "keys", ".keys"})
"""Those that give what they were given or parts of it, marks and all; names of fields are nobody's text."""
_ORDERING, _ORDERED = ("sort", "min", "max"), "values that have an order"
_UNKNOWN = Signature(gives=lambda given, arguments: ANY)


def filtered(walk: Inference, node: nodes.Filter, env: Environment) -> Type:
    """What a filter or method gives."""
    assert node.node is not None
    signature = SIGNATURES.get(node.name, _UNKNOWN)
    given_nodes, before = _bound(node), walk.problems
    if node.name == "default":
        given = walk.maybe(node.node, env, tolerant=True)
        if _runs_out(node.node):
            given = union(given, ABSENT)
    else:
        takes = () if node.name in ("int", "float") and "default" in given_nodes else signature.takes
        given = walk.needed(node.node, env, takes, node.name.lstrip("."), node.lineno)
    arguments = {name: _argument(walk, name, item, env, node, signature) for name, item in given_nodes.items()}
    if walk.problems > before:
        return ANY
    if node.name == ".get":
        _known_key(walk, node, given, env)
    if node.name.startswith("."):
        _no_field_of_that_name(walk, node, given, env)
    if signature.attribute:
        return _over_items(walk, node, given, given_nodes, arguments, env)
    made = signature.gives(given, arguments)
    if node.name in _PASSING:
        return made
    return carried(made, given, *(argument.type for argument in arguments.values()), by=node.name)


def _runs_out(node: nodes.Node) -> bool:
    """Whether it reads an item of a list, which may have fewer; its type does not say that, so that nobody has to test every ``[0]``."""
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        if not isinstance(key_of(node), str):
            return True
        node = node.node
    return isinstance(node, nodes.Filter) and node.name in ("first", "last", "min", "max")


def _bound(node: nodes.Filter) -> dict[str, nodes.Expr]:
    """The arguments by the names of the function's parameters; further ones by their position."""
    names = _parameters(node.name)
    found = {
        names[position] if position < len(names) else str(position): item for position, item in enumerate(node.args)
    }
    return found | {str(option.key): option.value for option in node.kwargs}


def _parameters(name: str) -> Sequence[str]:
    bare = name.lstrip(".")
    function: Callable[..., object] | None = (
        FILTERS[name].function if name in FILTERS else TEXT_METHODS.get(bare) or OBJECT_METHODS.get(bare)
    )
    if function is None:
        return ()
    if name == "map":
        return ("name",)
    code = getattr(function, "__code__", None)
    return code.co_varnames[1 : code.co_argcount] if code is not None else ()


def _argument(
    walk: Inference, name: str, node: nodes.Expr, env: Environment, owner: nodes.Filter, signature: Signature
) -> Argument:
    kinds: tuple[Kind, ...] = signature.arguments.get(name, ())
    found = walk.needed(node, env, kinds, f"{name} of {owner.name.lstrip('.')}")
    value = constant(node)
    known = is_constant(value)
    return Argument(type=found, value=value if known else None, is_constant=known)


def _known_key(walk: Inference, node: nodes.Filter, given: Type, env: Environment) -> None:
    key = constant(node.args[0]) if node.args else None
    owners = tuple(member for member in given if isinstance(member, Object))
    if not isinstance(key, str) or not owners or len(owners) < len(given) or any(one.field(key) for one in owners):
        return
    path = (*(path_of(node.node) or ("this",)), key) if node.node is not None else (key,)
    walk.tell(env, Problem(kind="fallback", offset=node.args[0].lineno + 1, path=path, owner=owners))


def _no_field_of_that_name(walk: Inference, node: nodes.Filter, given: Type, env: Environment) -> None:
    """A field of an object wins over the method, so that calling it fails."""
    name = node.name[1:]
    owners = [one for one in given if isinstance(one, Object) and name in one.shape.names()]
    if name in OBJECT_METHODS and any(without(one.field(name) or ABSENT, "absent") for one in owners):
        message = (
            f"this object has a field called {name}; use the filter | {name} for the method, or no () for the field"
        )
        walk.tell(env, Problem(kind="type", offset=node.lineno, message=message))


def _over_items(
    walk: Inference,
    node: nodes.Filter,
    given: Type,
    nodes_by_name: Mapping[str, nodes.Expr],
    arguments: Mapping[str, Argument],
    env: Environment,
) -> Type:
    item = items_of(given)
    attribute = arguments.get("attribute")
    name = attribute.value if attribute is not None and isinstance(attribute.value, str) else None
    found = ANY
    if name is not None:
        dealt_with = "default" in arguments or _asks_for_presence(arguments)
        found = _attribute(walk, node, nodes_by_name["attribute"], name, item, env, tolerant=dealt_with)
    if name is not None or attribute is None:
        _each_fits(walk, node, item if attribute is None else found, name, arguments, env)
    if node.name in ("pluck", "map"):
        return _mapped(node.name, item, found, arguments)
    if node.name in _SELECTING or node.name == "where":
        keep = _selection(node.name, arguments)
        return (ListOf(_kept(item, name, keep)),) if keep is not None else (ListOf(item),)
    if node.name in ("sort", "unique", "unique_by"):
        return (ListOf(item),)
    return carried(SIGNATURES[node.name].gives(given, arguments), item if name is None else found)


def _each_fits(
    walk: Inference,
    node: nodes.Filter,
    item: Type,
    name: str | None,
    arguments: Mapping[str, Argument],
    env: Environment,
) -> None:
    """What a filter needs of every item of the list, or of the field ``name`` of each."""
    who, kinds = _needed_of_items(node.name, item, name, arguments)
    if not kinds or not item:
        return
    base = path_of(node.node) if node.node is not None else None
    path: Path = (*base, None, *(name.split(".") if name is not None else ())) if base is not None else ()
    solid = without(item, "null", "absent")
    if has(item, "null"):
        message = f"{who} needs {_ORDERED if who in _ORDERING else kinds_in_words(kinds)} in each item"
        walk.tell(env, Problem(kind="null", offset=node.lineno, path=path, certain=not solid, message=message))
    elif not has(item, "any") and solid and not any(fits(member.kind, kinds) for member in solid):
        what = f"the field {name!r} of each item" if name is not None else "each item"
        message = (
            f"{who} needs {_ORDERED if who in _ORDERING else kinds_in_words(kinds)}, but {what} is {in_words(solid)}"
        )
        walk.tell(env, Problem(kind="type", offset=node.lineno, message=message))


def _needed_of_items(
    filter_name: str, item: Type, name: str | None, arguments: Mapping[str, Argument]
) -> tuple[str, tuple[Kind, ...]]:
    """Who needs it, and which kinds; none when anything will do."""
    if filter_name == "sum":
        return "sum", ("integer", "number")
    if filter_name in _ORDERING:
        # Nulls among themselves have an order, and a list of one is in order.
        return filter_name, ("text", "integer", "number", "boolean", "list")
    inner = arguments["name"].value if filter_name == "map" and name is None and "name" in arguments else None
    if isinstance(inner, str) and inner in SIGNATURES and inner != "default":
        return inner, SIGNATURES[inner].takes
    return "", ()


def _mapped(filter_name: str, item: Type, found: Type, arguments: Mapping[str, Argument]) -> Type:
    if "attribute" in arguments or filter_name == "pluck":
        if "default" in arguments:
            found = union(without(found, "absent"), arguments["default"].type)
        return (ListOf(without(found, "absent")),)
    name = arguments["name"].value if "name" in arguments else None
    return (ListOf(carried(mapped(name, item), item, by=name)),) if isinstance(name, str) else ANY_LIST


def _asks_for_presence(arguments: Mapping[str, Argument]) -> bool:
    return "test" in arguments and arguments["test"].value in ("defined", "undefined")


def _attribute(
    walk: Inference, node: nodes.Filter, named: nodes.Expr, name: str, item: Type, env: Environment, *, tolerant: bool
) -> Type:
    """The type of the field that ``name`` (a dotted path) means in each item."""
    base = path_of(node.node) if node.node is not None else None
    path: Path = (*base, None) if base is not None else ("item",)
    offset = named.lineno + 1
    found = item
    for part in name.split("."):
        path = (*path, part)
        if part.isdigit():
            return ANY
        owners = tuple(member for member in found if isinstance(member, Object))
        lacking = tuple(member for member in owners if member.field(part) is None)
        if owners and len(lacking) == len(owners):
            walk.tell(env, Problem(kind="fallback" if tolerant else "field", offset=offset, path=path, owner=lacking))
            return ANY
        found = union(*(below for member in found if (below := member_field(member, part)) is not None)) or ANY
        if has(found, "absent") and not tolerant:
            certain = not without(found, "absent")
            walk.tell(env, Problem(kind="absent", offset=offset, path=path, certain=certain))
            found = without(found, "absent") or ANY
        offset += len(part) + 1
    return found


def _selection(name: str, arguments: Mapping[str, Argument]) -> Filter | None:
    if name == "where":
        wanted = arguments.get("equals")
        return equal_to(wanted.value) if wanted is not None and wanted.is_constant else None
    test = arguments["test"].value if "test" in arguments else "truthy"
    rest = [argument for key, argument in arguments.items() if key.isdigit()]
    if not isinstance(test, str) or not all(argument.is_constant for argument in rest):
        return None
    return filter_of_test(test, _SELECTING[name], [argument.value for argument in rest])


def _kept(item: Type, name: str | None, keep: Filter) -> Type:
    """The items of which the selection leaves something; of those that it describes by a field, the field is narrowed."""
    if name is None:
        return keep(item) or item
    if "." in name:
        return item
    kept = []
    for member in item:
        field = member.field(name) if isinstance(member, Object) else None
        if field is None or not isinstance(member, Object):
            kept.append(member)
        elif narrowed := keep(field):
            kept.append(member.with_field(name, without(narrowed, "absent") or (ABSENT_MEMBER,)))
    return tuple(kept) or item
