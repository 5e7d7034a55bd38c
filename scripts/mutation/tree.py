"""Clang's syntax tree of one C file: parsing, and where each node stands in the text.

Offsets are those of the file as written. A node that a macro made stands where the macro is written; one that begins and
ends in the same macro is that macro's whole use, arguments and all.
"""
import json
import re
import subprocess

CLANG = "clang"


def parse(path, flags):
    """The translation unit of a file as clang's JSON tree."""
    run = subprocess.run([CLANG, *flags, "-Xclang", "-ast-dump=json", "-fsyntax-only", path],
                         stdout=subprocess.PIPE, check=True)
    return json.loads(run.stdout)


def children(node):
    return [c for c in node.get("inner", []) if c.get("kind")]


def bare(node):
    """The expression within brackets and implied casts."""
    while node["kind"] in ("ParenExpr", "ImplicitCastExpr"):
        node = children(node)[0]
    return node


def chain(node):
    """The node, and what stands within its brackets and casts."""
    out = [node]
    while out[-1]["kind"] in ("ParenExpr", "ImplicitCastExpr"):
        out.append(children(out[-1])[0])
    return out


VALUE = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a // b if b else None,
         "<<": lambda a, b: a << b}


def value_of(node):
    """The value of an expression of plain constants, else None."""
    node = bare(node)
    if node["kind"] == "IntegerLiteral":
        return int(node["value"])
    if node["kind"] == "CStyleCastExpr":
        return value_of(children(node)[-1])
    if node["kind"] == "BinaryOperator" and node["opcode"] in VALUE:
        a, b = (value_of(c) for c in children(node))
        return None if a is None or b is None else VALUE[node["opcode"]](a, b)
    return None


def in_main_file(decl):
    """Declared in the file itself, not in a header."""
    loc = decl.get("loc", {})
    loc = loc.get("expansionLoc", loc)
    return "offset" in loc and "includedFrom" not in loc


def is_definition(node):
    return node["kind"] == "FunctionDecl" and any(c["kind"] == "CompoundStmt" for c in children(node))


class Source:
    """The text of a file, and the spans of nodes in it."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            self.text = f.read()
        if not self.text.isascii():
            raise ValueError(f"{path}: clang counts bytes: keep the sources ASCII")

    def line(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def span(self, node):
        """(begin, end, whole): offsets, and whether the node is the use of one macro; None if it is not in the file."""
        r = node.get("range", {})
        begin, end = r.get("begin", {}), r.get("end", {})
        b, e = begin.get("expansionLoc", begin), end.get("expansionLoc", end)
        if "offset" not in b or "offset" not in e or "includedFrom" in b or "includedFrom" in e:
            return None
        stop = e["offset"] + e["tokLen"]
        if "expansionLoc" in end:
            stop = self._after_arguments(stop)
        whole = "expansionLoc" in begin and "expansionLoc" in end and b["offset"] == e["offset"]
        return b["offset"], stop, whole

    def _after_arguments(self, offset):
        """Behind the closing parenthesis if a macro's arguments follow."""
        match = re.compile(r"\s*\(").match(self.text, offset)
        if not match:
            return offset
        depth, at = 0, match.end() - 1
        while at < len(self.text):
            depth += {"(": 1, ")": -1}.get(self.text[at], 0)
            at += 1
            if depth == 0:
                return at
        return offset


def qual_type(node):
    return node.get("type", {}).get("desugaredQualType") or node.get("type", {}).get("qualType", "")


INTEGER = re.compile(r"^(const )?(_Bool|bool|char|signed char|unsigned char|short|unsigned short|int|unsigned int|long|"
                     r"unsigned long|u?int(8|16|32|64)_t|size_t|enum \w+)$")


def is_integer(node):
    types = {node.get("type", {}).get("qualType", ""), node.get("type", {}).get("desugaredQualType", "")}
    return any(INTEGER.match(t) for t in types)


def is_bool(node):
    return re.sub("^const ", "", node.get("type", {}).get("qualType", "")) in ("_Bool", "bool")


def may_write(node):
    """Could evaluating the node twice matter? Calls count as harmless if all they point to is const."""
    kind = node.get("kind")
    if kind == "CallExpr":
        callee = children(node)[0].get("type", {}).get("qualType", "")
        arguments = callee[callee.find("(*)(") + 4:] if "(*)(" in callee else callee
        if any("*" in a and "const" not in a for a in arguments.split(",")) or callee.startswith("void "):
            return True
    if kind == "BinaryOperator" and node.get("opcode") == "=" or kind == "CompoundAssignOperator":
        return True
    if kind == "UnaryOperator" and node.get("opcode") in ("++", "--"):
        return True
    return any(may_write(c) for c in children(node))
