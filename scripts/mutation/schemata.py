"""Writes a C file anew with all its mutants in it, each behind its number (mutant schemata).

An expression E becomes (MUTANT(n) ? (alternative) : (E)), a statement MUTANT(n) ? (void)0 : (void)(statement); constant
tables get a constructor that changes one entry. Alternatives are made from the original text, only the last branch holds
further mutants, so the text grows with the depth of nesting, not with its power.
"""
import operators as op
from tree import (Source, bare, chain, children, in_main_file, is_bool, is_definition, is_integer, may_write, parse, qual_type,
                  value_of)

TRANSPARENT = ("ImplicitCastExpr", "ParenExpr", "ConstantExpr", "CStyleCastExpr")


class Mutant:
    """One defect: where, what, and what stands there instead."""

    def __init__(self, file, function, line, kind, old, new):
        self.file, self.function, self.line, self.kind = file, function, line, kind
        self.old, self.new = " ".join(old.split()), " ".join(new.split())
        self.nth = 1  # of the same change in the same function
        self.number = 0

    def key(self):
        """Names the mutant for as long as its function keeps the line: no line numbers in it."""
        return "\t".join((self.file, self.function, self.kind, self.old, self.new, str(self.nth)))


class Writer:
    """Collects the mutants of one file and the edits that hold them."""

    def __init__(self, path, flags, first):
        self.path, self.next = path, first
        self.source = Source(path)
        self.unit = parse(path, flags)
        self.mutants, self.seen = [], {}
        self.times = op.times_of(op.PARAMS)
        self.flags = set()    # ids of expressions of which only matters whether they are 0
        self.meeting = set()  # ids of comparisons whose two ways come to the same at equality
        self.function = ""
        self.fields = {}  # id of a member's declaration -> {name: type} of its struct
        self._learn_records(self.unit)

    def _learn_records(self, node):
        for c in children(node):
            if c["kind"] == "RecordDecl":
                own = {f["name"]: qual_type(f) for f in children(c) if f["kind"] == "FieldDecl" and "name" in f}
                for f in children(c):
                    if f["kind"] == "FieldDecl":
                        self.fields[f["id"]] = own
                self._learn_records(c)

    # ---- mutants -----------------------------------------------------------------------------------------------------

    def add(self, kind, at, old, new):
        m = Mutant(self.path, self.function, self.source.line(at), kind, old, new)
        same = (self.function, m.kind, m.old, m.new)
        self.seen[same] = self.seen.get(same, 0) + 1
        m.nth, m.number = self.seen[same], self.next
        self.next += 1
        self.mutants.append(m)
        return m.number

    def expression(self, node, span, found, edits):
        """Wraps an expression; found: (kind, text, safe)."""
        begin, end = span[0], span[1]
        old = self.source.text[begin:end]
        text = self.apply(begin, end, edits)
        twice = not may_write(node)
        done = set()
        for kind, new, safe in found:
            if new in done or new == old:
                continue
            done.add(new)
            n = self.add(kind, begin, old, new)
            test = f"MUTANT_DIFFERS({n}, ({new}) != ({old}))" if twice and safe else f"MUTANT({n})"
            text = f"({test} ? ({new}) : ({text}))"
        return [(begin, end, text)] if done else edits

    def statement(self, node, span, edits):
        """Wraps an expression that stands as a statement, so that it can be left out."""
        begin, end = span[0], span[1]
        old = self.source.text[begin:end]
        text = self.apply(begin, end, edits)
        n = self.add("left out", begin, old, "")
        if node["kind"] == "CompoundAssignOperator" and node["opcode"] in op.ASSIGNMENTS:
            left, right = children(node)
            lhs, rhs = self.text_of(left), self.text_of(right)
            other = op.ASSIGNMENTS[node["opcode"]]
            k = self.add("assignment", begin, old, f"{lhs} {other} {rhs}")
            text = f"MUTANT({k}) ? (void)({lhs} {other} {rhs}) : (void)({text})"
        test = f"MUTANT({n})"
        if node["kind"] == "BinaryOperator" and is_integer(node) and not any(may_write(c) for c in children(node)):
            left, right = children(node)
            test = f"MUTANT_DIFFERS({n}, ({self.text_of(left)}) != ({self.text_of(right)}))"
        return [(begin, end, f"{test} ? (void)0 : (void)({text})")]

    # ---- text --------------------------------------------------------------------------------------------------------

    def text_of(self, node):
        begin, end, _ = self.source.span(node)
        return self.source.text[begin:end]

    def apply(self, begin, end, edits):
        out, at = [], begin
        for b, e, text in sorted(edits):
            if b < at or e > end:
                continue  # an edit of a macro's argument that two nodes share
            out += [self.source.text[at:b], text]
            at = e
        return "".join(out) + self.source.text[at:end]

    # ---- the walk ----------------------------------------------------------------------------------------------------

    def walk_all(self, nodes):
        edits = []
        for n in nodes:
            edits += self.walk(n)
        return edits

    def walk(self, node, role="value"):
        """Edits for a node. role: value, statement, lvalue, condition, loop condition."""
        kind = node["kind"]
        if kind in ("UnaryExprOrTypeTraitExpr", "StaticAssertDecl", "ImplicitValueInitExpr", "OffsetOfExpr"):
            return []
        if kind == "VarDecl" and node.get("storageClass") == "static":
            return []
        handler = getattr(self, "on_" + kind, None)
        if handler is not None:
            return handler(node, role)
        if kind.endswith("Expr") or kind.endswith("Operator") or kind.endswith("Literal"):
            return self.on_value(node, role)
        return self.walk_all(children(node))

    def on_CompoundStmt(self, node, role):
        edits = []
        for c in children(node):
            edits += self.walk(c, "statement")
        return edits

    def note_meeting(self, test, yes, no):
        """Of `a < b ? a : b` and `x < 0 ? -x : x` the branches meet where the sides are equal: `<=` is the same there."""
        test = bare(test)
        if test["kind"] == "BinaryOperator" and test["opcode"] in op.ORDERS:
            sides = [op.plain(self.text_of(c)) for c in children(test)]
            if op.meet(*sides, op.plain(self.text_of(yes)), op.plain(self.text_of(no))):
                self.meeting.add(test["id"])

    def note_minimum(self, test, body):
        """So does `if (a < b) { b = a; }`, alone or after an &&."""
        test = bare(test)
        while test["kind"] == "BinaryOperator" and test["opcode"] == "&&":
            test = bare(children(test)[1])
        only = children(body) if body["kind"] == "CompoundStmt" else [body]
        if len(only) == 1 and only[0]["kind"] == "BinaryOperator" and only[0]["opcode"] == "=":
            self.note_meeting(test, *children(only[0]))

    def branch(self, node):
        return self.walk(node, "statement")

    def on_IfStmt(self, node, role):
        inner = children(node)
        if len(inner) == 2:
            self.note_minimum(inner[0], inner[1])
        edits = self.walk(inner[0], "condition")
        for c in inner[1:]:
            edits += self.branch(c)
        return edits

    def on_WhileStmt(self, node, role):
        inner = children(node)
        return self.walk(inner[0], "loop condition") + self.branch(inner[-1])

    def on_DoStmt(self, node, role):
        inner = children(node)
        return self.branch(inner[0]) + self.walk(inner[1], "loop condition")

    def on_ForStmt(self, node, role):
        parts = node.get("inner", [])  # init, condition variable, condition, increment, body; absent ones have no kind
        edits = []
        for place, c in enumerate(parts):
            if c.get("kind"):
                edits += self.walk(c, {2: "loop condition", 3: "lvalue", 4: "statement"}.get(place, "value"))
        return edits

    def on_SwitchStmt(self, node, role):
        inner = children(node)
        return self.walk(inner[0]) + self.walk_all(inner[1:])

    def on_CaseStmt(self, node, role):
        edits = []
        for c in children(node)[1:]:
            edits += self.walk(c, "statement")
        return edits

    def on_DefaultStmt(self, node, role):
        return self.walk_all(children(node))

    def on_ReturnStmt(self, node, role):
        return self.walk(children(node)[0], "returned") if children(node) else []

    def on_ImplicitCastExpr(self, node, role):
        child = children(node)[0]
        if node.get("castKind") == "LValueToRValue" and is_integer(node):
            return self.read(node, child, role)
        if node.get("castKind") in ("IntegralCast", "IntegralToBoolean", "NoOp"):
            return self.walk(child, role)
        return self.walk(child, "lvalue" if node.get("castKind") in ("LValueToRValue", "ArrayToPointerDecay") else "value")

    def on_ConstantExpr(self, node, role):
        return []

    def on_ParenExpr(self, node, role):
        return self.walk(children(node)[0], role)

    def on_DeclRefExpr(self, node, role):
        if node.get("referencedDecl", {}).get("kind") == "EnumConstantDecl":
            return self.on_value(node, role)
        return []

    def on_MemberExpr(self, node, role):
        return self.walk(children(node)[0], "lvalue")

    def on_ArraySubscriptExpr(self, node, role):
        base, subscript = children(node)
        return self.walk(base, "lvalue") + self.walk(subscript)

    def read(self, cast, place, role):
        """An integer read out of memory."""
        span = self.source.span(cast)
        inner = self.walk(place, "lvalue")
        if span is None or span[2]:
            return inner
        text, found = self.source.text[span[0]:span[1]], []
        if place["kind"] == "MemberExpr":
            fields = self.fields.get(place.get("referencedMemberDecl"), {})
            found += op.member(place, text, fields)
            if text.startswith(("rule->", "r->rule")) and not is_bool(cast):
                found += op.level(text, self.times)
        elif place["kind"] == "ArraySubscriptExpr":
            base, subscript = (self.text_of(c) for c in children(place))
            found += op.index(base, subscript) if not subscript.startswith("BMS_PARAM_") else \
                op.level(text, self.times, cast["id"] in self.flags)
        return self.finish(cast, span, found, inner, role)

    def on_CallExpr(self, node, role):
        edits = self.walk_all(children(node)[1:])
        span = self.source.span(node)
        if span is None:
            return edits
        if role == "statement":
            return self.statement(node, span, edits)
        text, found = self.source.text[span[0]:span[1]], []
        if text.startswith("bms_param_fault("):
            found += op.level(text, self.times, node["id"] in self.flags)
        return self.finish(node, span, found, edits, role)

    def on_BinaryOperator(self, node, role):
        left, right = children(node)
        span = self.source.span(node)
        if span is None or span[2]:
            return self.on_value(node, role)
        if node["opcode"] == "=":
            edits = self.walk(left, "lvalue") + self.walk(right)
            return self.statement(node, span, edits) if role == "statement" else edits
        if node["opcode"] in ("==", "!=") and value_of(right) == 0:
            self.flags |= {n["id"] for n in chain(left)}
        edits = self.walk(left) + self.walk(right)
        if node["opcode"] == "," or "*" in qual_type(left) or "*" in qual_type(right):
            return edits
        found = list(op.binary(node, self.text_of(left), self.text_of(right), node["id"] in self.meeting))
        return self.finish(node, span, found, edits, role)

    def on_CompoundAssignOperator(self, node, role):
        left, right = children(node)
        edits = self.walk(left, "lvalue") + self.walk(right)
        span = self.source.span(node)
        return self.statement(node, span, edits) if role == "statement" and span is not None else edits

    def on_UnaryOperator(self, node, role):
        child, span = children(node)[0], self.source.span(node)
        if span is None or span[2]:
            return self.on_value(node, role)
        if node["opcode"] in ("++", "--"):
            edits = self.walk(child, "lvalue")
            return self.statement(node, span, edits) if role == "statement" else edits
        if node["opcode"] == "&":
            return self.walk(child, "lvalue")
        return self.finish(node, span, list(op.unary(node, self.text_of(child))), self.walk(child), role)

    def on_ConditionalOperator(self, node, role):
        test, yes, no = children(node)
        span = self.source.span(node)
        if span is None or span[2]:
            return self.on_value(node, role)
        self.note_meeting(test, yes, no)
        edits = self.walk(test, "condition") + self.walk(yes) + self.walk(no)
        found = list(op.choice(*(self.text_of(c) for c in (test, yes, no)))) if is_integer(node) else []
        return self.finish(node, span, found, edits, role)

    def on_value(self, node, role):
        """Constants, macros and whatever has no rule of its own."""
        span = self.source.span(node)
        if span is None:
            return []
        begin, end, whole = span
        kind = node["kind"]
        if not whole and kind not in ("IntegerLiteral", "DeclRefExpr"):
            return self.walk_all(children(node))
        if not is_integer(node) or role == "lvalue":
            return []
        inside = bare(node)
        mask = inside["kind"] == "BinaryOperator" and inside["opcode"] == "<<"
        return self.finish(node, span, list(op.constant(self.source.text[begin:end], value_of(node), mask)), [], role)

    def finish(self, node, span, found, edits, role):
        """Adds what the role of the expression allows, and wraps it."""
        text = self.source.text[span[0]:span[1]]
        if role in ("condition", "loop condition"):
            found = list(found) + list(op.condition(text, role.startswith("loop")))
        elif role == "returned":
            found = list(found) + list(op.returned(node, text))
        return self.expression(node, span, found, edits) if found else edits

    # ---- tables ------------------------------------------------------------------------------------------------------

    def entries(self, node, path, out):
        """The integers of an initialiser: (path, node)."""
        if node["kind"] == "InitListExpr":
            names = None
            if "[" not in node["type"]["qualType"]:
                names = next((f for f in self.fields.values() if len(f) == len(children(node))
                              and self._same_types(f, children(node))), None)
                if names is None:
                    return
            for i, c in enumerate(children(node)):
                self.entries(c, path + (f".{list(names)[i]}" if names else f"[{i}]"), out)
        elif is_integer(node) and self.source.span(node) is not None:
            out.append((path, node))

    @staticmethod
    def _same_types(fields, nodes):
        return all(t.replace("const ", "") == qual_type(n).replace("const ", "") for t, n in zip(fields.values(), nodes))

    def table(self, decl):
        """Changes of single entries, made by a constructor before anything runs."""
        found, out = [], []
        init = [c for c in children(decl) if c["kind"] == "InitListExpr"]
        if not init:
            return ""
        self.function = decl["name"]
        self.entries(init[0], decl["name"], found)
        for path, node in found:
            begin = self.source.span(node)[0]
            old = f"{path} = {self.text_of(node)}"
            changes = [("table", "!" + path)] if is_bool(node) else [("table", f"{path} + 1"), ("table", f"{path} - 1")]
            for kind, new in changes:
                n = self.add(kind, begin, old, new)
                out.append(f"    if (MUTANT({n})) {{ {path} = {new}; }}")
        if not out:
            return ""
        body = "\n".join(out)
        name = decl["name"]
        return (f"\nstatic void mutate_{name}(void)\n{{\n{body}\n}}\n"
                f"__attribute__((constructor(1000))) static void offer_{name}(void)\n{{\n"
                f"    mutant_table(mutate_{name});\n}}\n")

    # ---- the file ----------------------------------------------------------------------------------------------------

    def rewrite(self):
        """The new text of the file. self.mutants is filled."""
        edits, tail = [], ""
        for decl in children(self.unit):
            if not in_main_file(decl):
                continue
            if is_definition(decl):
                self.function = decl["name"]
                edits += self.walk(children(decl)[-1])
            elif decl["kind"] == "VarDecl":
                tail += self.table(decl)
        return '#include "tests/mutation/mutant.h"\n' + self.apply(0, len(self.source.text), edits) + tail
