"""The tree of a message's text: Jinja2 reads it, and a message may hold a little of Jinja2."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from jinja2 import TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment

from ..plan.values import Value
from .templates import (
    Both,
    Chosen,
    Compared,
    Denied,
    Either,
    Filtered,
    Literally,
    Operator,
    Output,
    Part,
    Term,
    Variable,
    Words,
    storable,
)

_JINJA = SandboxedEnvironment(keep_trailing_newline=False)
"""It only parses, which changes nothing of it. Making one took a fifth of reading a text."""

DEEPEST = 60
"""How deep conditions and expressions of a message may be nested."""


class UnreadableError(Exception):
    """A text that is not a valid template."""


class NotAllowedError(Exception):
    """A template that holds more than a message may; `node` is the first such part."""

    def __init__(self, node: nodes.Node | None) -> None:
        super().__init__()
        self.node = node


def read(text: str) -> tuple[Part, ...]:
    """The parts of a message; raises `UnreadableError` or `NotAllowedError`."""
    try:
        found = _JINJA.parse(text)
    except (TemplateError, RecursionError, ValueError, OverflowError) as error:
        raise UnreadableError from error
    return tuple(_parts(found.body, 0))


def _parts(found: list[nodes.Node], depth: int) -> Iterator[Part]:
    for node in found:
        match node:
            case nodes.Output():
                for shown in node.nodes:
                    if isinstance(shown, nodes.TemplateData):
                        yield Words(_sound(shown.data))
                    else:
                        yield Output(_term(shown, depth + 1))
            case nodes.If():
                yield _chosen(node, depth + 1)
            case _:
                raise NotAllowedError(node)


def _chosen(node: nodes.If, depth: int) -> Chosen:
    if depth > DEEPEST:
        raise NotAllowedError(None)
    otherwise = tuple(_parts(node.else_, depth))
    for other in reversed(node.elif_):
        condition = _term(other.test, depth)
        otherwise = (Chosen(condition, tuple(_parts(other.body, depth)), otherwise),)
    return Chosen(_term(node.test, depth), tuple(_parts(node.body, depth)), otherwise)


def _term(node: nodes.Node, depth: int) -> Term:
    if depth > DEEPEST:
        raise NotAllowedError(None)
    deeper = depth + 1
    match node:
        case nodes.Const() | nodes.Neg():
            return Literally(_constant(node))
        case nodes.Name():
            return Variable(node.name)
        case nodes.Getattr(node=nodes.Name(name=owner), attr=field):
            return Variable(f"{owner}.{field}")
        case nodes.Getattr(attr=field):
            return Variable(f"….{field}")
        case nodes.Filter(node=nodes.Expr() as inner, kwargs=[], dyn_args=None, dyn_kwargs=None):
            given = tuple(_constant(one) for one in node.args)
            return Filtered(node.name, _term(inner, deeper), given)
        case nodes.Or():
            return Either(_term(node.left, deeper), _term(node.right, deeper))
        case nodes.And():
            return Both(_term(node.left, deeper), _term(node.right, deeper))
        case nodes.Not():
            return Denied(_term(node.node, deeper))
        case nodes.Compare():
            others = tuple((_operator(one), _term(one.expr, deeper)) for one in node.ops)
            return Compared(_term(node.expr, deeper), others)
        case _:
            raise NotAllowedError(node)


def _operator(node: nodes.Operand) -> Operator:
    match node.op:
        case "eq" | "ne" | "lt" | "lteq" | "gt" | "gteq" | "in" | "notin" as known:
            return known
        case _:
            raise NotAllowedError(node)


def _constant(node: nodes.Node) -> Value:
    match node:
        case nodes.Const(value=bool() as value):
            return bool(value)
        case nodes.Const(value=int() as value) if abs(value) < 10**28:
            return int(value)
        case nodes.Const(value=float() as value) if abs(value) < 1e28:
            return Decimal(repr(value))
        case nodes.Const(value=str() as value):
            return _sound(value)
        case nodes.Neg(node=nodes.Const(value=int() | float())):
            match _constant(node.node):
                case Decimal() as number:
                    return number.copy_negate()
                case int() as count:
                    return -count
    raise NotAllowedError(node)


def _sound(text: str) -> str:
    """The text, where it can be stored and sent anywhere."""
    if not storable(text):
        raise UnreadableError
    return text
