"""Changes to a module that a test should notice: one small change each, made on its syntax tree."""

from __future__ import annotations
import __future__

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import CodeType

from tools.mutation.conditions import change_condition

SIGNS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
FUNCTIONS = {"max": "min", "min": "max", "any": "all", "all": "any"}
Function = ast.FunctionDef | ast.AsyncFunctionDef
Assignment = ast.Assign | ast.AnnAssign


@dataclass(frozen=True, eq=False)
class Mutant:
    """One change: what stands at `place` of a part of its owner becomes `new`, or goes where that is None.

    function: the one whose body it is in, None where the module itself is changed. names: what a change
    outside of functions is known by elsewhere. step: the function that goes from a list.
    """

    owner: ast.AST
    part: str
    place: int | None
    new: ast.AST | None
    kind: str  # "condition" | "removal" | "code"
    statement: ast.stmt
    function: Function | None
    names: frozenset[str] = frozenset()
    step: str = ""

    @property
    def old(self) -> ast.AST:
        found = getattr(self.owner, self.part)
        node: ast.AST = found if self.place is None else found[self.place]
        return node

    @property
    def line(self) -> int:
        return int(getattr(self.old, "lineno", self.statement.lineno))

    @property
    def lines(self) -> range:
        """Those of the statement, without what stands inside of it."""
        body = getattr(self.statement, "body", None)
        last = body[0].lineno - 1 if body else self.statement.end_lineno or self.statement.lineno
        return range(self.statement.lineno, max(last, self.statement.lineno) + 1)

    @property
    def words(self) -> str:
        """The change in words, on one line."""
        return f"{shorten(self.old)}  =>  {shorten(self.new) if self.new else 'nothing'}"

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The tree with the change in it."""
        held = getattr(self.owner, self.part)
        if self.place is None:
            changed: object = self.new
        else:
            changed = [*held[: self.place], *([self.new] if self.new else []), *held[self.place + 1 :]]
        setattr(self.owner, self.part, changed)
        try:
            yield
        finally:
            setattr(self.owner, self.part, held)


class Module:
    """A Python file of the checkout, and its mutants in the order of the file."""

    def __init__(self, top: Path, path: str) -> None:
        self.top = top
        self.path = path
        self.tree = ast.parse((top / path).read_text(encoding="utf-8"))
        self.mutants = list(Finder().find(self.tree))

    @cached_property
    def functions(self) -> list[tuple[str, frozenset[str], range]]:
        """The name of each function, what it speaks of, its own name among it, and the lines of its body."""
        found = [each for each in ast.walk(self.tree) if isinstance(each, Function)]
        return [
            (each.name, mentioned(each), range(each.body[0].lineno, (each.end_lineno or 0) + 1))
            for each in found
        ]

    def compile(self) -> CodeType:
        return compile(self.tree, str(self.top / self.path), "exec", dont_inherit=True)

    def compile_mutant(self, number: int) -> CodeType:
        with self.mutants[number].applied():
            return compile(ast.fix_missing_locations(self.tree), str(self.top / self.path), "exec",
                           dont_inherit=True)  # fmt: skip

    def assign_mutant(self, number: int, names: dict[str, object]) -> set[str]:
        """Make a changed assignment of the module among its names, then those that speak of it; the names
        that changed. None do where it is no assignment.
        """
        changed = set[str]()
        with self.mutants[number].applied():
            for each in self.tree.body:
                speaks = isinstance(each, Assignment) and each.value and names_in(each.value) & changed
                if isinstance(each, Assignment) and (speaks or each is self.mutants[number].statement):
                    alone = ast.fix_missing_locations(ast.Module([each], []))
                    flags = __future__.annotations.compiler_flag
                    exec(compile(alone, str(self.top / self.path), "exec", flags, True), names)  # noqa: S102
                    changed |= names_of(each)
        return changed


class Finder:
    """Walks a tree, with the statement and the function that it is in."""

    def find(
        self, owner: ast.AST, statement: ast.stmt | None = None, function: Function | None = None,
        names: frozenset[str] = frozenset(),
    ) -> Iterator[Mutant]:  # fmt: skip
        for name, place, node in children(owner):
            around = node if isinstance(node, ast.stmt) else statement
            if around is None or is_left_out(owner, name, node):
                continue
            known = names | (names_of(node) if function is None else frozenset())
            for kind, new in variants(owner, name, node, function):
                step = node.id if new is None and isinstance(node, ast.Name) and is_step(node) else ""
                dropped = names_in(node) if new is None else frozenset()
                yield Mutant(owner, name, place, new, kind, around, function, known | dropped, step)
            inside = node if isinstance(node, Function) else function
            for mutant in self.find(node, around, inside, known):
                is_default = mutant.function is node and mutant.statement is node
                yield replace(mutant, function=function) if is_default else mutant


def children(owner: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for name, value in ast.iter_fields(owner):
        if isinstance(value, ast.AST):
            yield name, None, value
        elif isinstance(value, list):
            yield from ((name, place, each) for place, each in enumerate(value) if isinstance(each, ast.AST))


def is_left_out(owner: ast.AST, name: str, node: ast.AST) -> bool:
    """Types, decorators, docstrings, imports and words for the log: no test is about them."""
    if name in {"annotation", "returns", "decorator_list", "bases"} or isinstance(
        node, ast.Import | ast.ImportFrom
    ):
        return True
    if isinstance(node, ast.Expr):
        call = node.value
        return isinstance(call, ast.Constant) or (
            isinstance(call, ast.Call) and dotted(call.func).startswith("log.")
        )
    return False


def variants(
    owner: ast.AST, name: str, node: ast.AST, function: Function | None
) -> Iterator[tuple[str, ast.AST | None]]:
    """What could stand there instead; None is nothing."""
    if isinstance(node, ast.expr) and not isinstance(owner, ast.JoinedStr) and not is_assignment(owner, node):
        yield from (("condition", new) for new in other_conditions(node))
    if isinstance(node, ast.BoolOp):
        yield from (("removal", new) for new in without_operand(node))
    if isinstance(node, ast.expr):
        yield from (("code", new) for new in other_expressions(node))
    yield from (("removal", ast.Constant(holds)) for holds in fixed(owner, name))
    if is_effect(node) and not is_all_of_a_test(owner, node):
        yield "code", ast.Pass()
    if name == "elts" and isinstance(owner, ast.List | ast.Tuple | ast.Set) and is_read(owner):
        yield "removal" if function is None and is_step(node) else "code", None


def fixed(owner: ast.AST, name: str) -> tuple[bool, ...]:
    """Whether a test then always holds, or never does."""
    if isinstance(owner, ast.While) and name == "test":
        return (False,)
    if isinstance(owner, ast.comprehension) and name == "ifs":
        return (True,)
    return (False, True) if name in {"test", "guard"} else ()


def is_effect(node: ast.AST) -> bool:
    return isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))


def is_all_of_a_test(owner: ast.AST, node: ast.AST) -> bool:
    """Whether a test that never holds is the same as this statement gone."""
    return isinstance(owner, ast.If) and owner.body == [node] and not owner.orelse


def is_step(node: ast.AST) -> bool:
    """A function in a list of a module; anything else there has the name of a constant or a class."""
    return isinstance(node, ast.Name) and node.id.islower()


def is_assignment(owner: ast.AST, node: ast.AST) -> bool:
    """One of many in an update, which reads like a comparison."""
    is_one_of_many = isinstance(owner, ast.GeneratorExp | ast.ListComp) and isinstance(node, ast.JoinedStr)
    return is_one_of_many and " = :" in ast.unparse(node)


def other_conditions(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from map(ast.Constant, change_condition(node.value))
    if isinstance(node, ast.JoinedStr):
        text = ast.unparse(node)
        start, end = text[:2], text[-1:]  # f' and '
        for changed in change_condition(text[2:-1]):
            yield ast.copy_location(ast.parse(start + changed + end, mode="eval").body, node)


def without_operand(node: ast.BoolOp) -> Iterator[ast.expr]:
    for place in range(len(node.values)):
        left = [*node.values[:place], *node.values[place + 1 :]]
        yield left[0] if len(left) == 1 else ast.BoolOp(node.op, left)


def other_expressions(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare(one, [sign], other) if type(sign) in SIGNS:
            yield ast.Compare(one, [SIGNS[type(sign)]()], other)
        case ast.BinOp(one, ast.Add() | ast.Sub() as sign, other):
            yield ast.BinOp(one, ast.Sub() if isinstance(sign, ast.Add) else ast.Add(), other)
        case ast.Call(ast.Name(name), arguments, keywords) if name in FUNCTIONS:
            yield ast.Call(ast.Name(FUNCTIONS[name], ast.Load()), arguments, keywords)
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() | float() as value):
            yield ast.Constant(value + 1)


def is_read(node: ast.List | ast.Tuple | ast.Set) -> bool:
    return isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def names_of(node: ast.AST) -> frozenset[str]:
    """What a statement of a module or class gives a name to."""
    if isinstance(node, Function):
        return frozenset({node.name})
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return frozenset(each.id for each in targets if isinstance(each, ast.Name))


def mentioned(function: Function) -> frozenset[str]:
    names = {each.id for each in ast.walk(function) if isinstance(each, ast.Name)}
    attributes = {each.attr for each in ast.walk(function) if isinstance(each, ast.Attribute)}
    return frozenset({function.name} | names | attributes)


def body_of(function: Function) -> range:
    return range(function.body[0].lineno, (function.end_lineno or 0) + 1)


def names_in(node: ast.AST) -> frozenset[str]:
    return frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def dotted(node: ast.expr) -> str:
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def shorten(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 120 else f"{text[:117]}..."
