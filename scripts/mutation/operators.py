"""The defects: for a node of the tree, the texts that may stand in its place.

Each generator yields (class, text, safe). safe: the text may be evaluated beside the original without harm (no memory
touched that the original would not touch), so that a run can tell whether the two ever differ.
"""
import re

from tree import children, is_bool, is_integer, qual_type

RELATIONS = {"<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"], "==": ["!="], "!=": ["=="]}
ORDERS = {"<", "<=", ">", ">="}
ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "&": "|", "|": "&", "^": "|", "<<": ">>", ">>": "<<"}
ASSIGNMENTS = {"+=": "-=", "-=": "+=", "|=": "&=", "&=": "|=", "*=": "/=", "/=": "*=", "<<=": ">>=", ">>=": "<<=",
               "^=": "|=", "%=": "/="}
FACTOR_FROM = 1000  # constants from here on are also taken by a factor of 1000
# From here on one more or less shifts what is measured by 10 ppm at most: a level by 1 mV in 100 V or 1 mA in 100 A, a delay
# by 1 us in 100 ms (scales of ppm, mA x us in a mAh, us in a second, 1000 A where codes are cut off). The narrowest tolerance
# of the manuals and of our own rows is one step of 1 mV or 100 mA, 10 ms of 1000 s, or 20 mAh of 100 Ah: 10 ppm or more.
PARTS = 100000
NEVER = 2 ** 64 - 1
PARAMS = "bms_core/bms_param_list.h"

# Parts of names that a tired engineer mixes up: a member is taken for its counterpart where the struct has both.
COUNTERPARTS = [("min", "max"), ("charge", "discharge"), ("trip", "release"), ("alarm", "trip"), ("chg", "dsg"),
                ("low", "high"), ("start", "stop"), ("first", "last"), ("on", "off"), ("tripped", "alarmed"),
                ("charge_allowed", "discharge_allowed"), ("trip_delay_ms", "release_delay_ms")]


def plain(text):
    """The text of an operand without blanks, a cast in front and brackets around."""
    text = re.sub(r"^\((u?int\d+_t|int|unsigned)\)", "", re.sub(r"\s+", "", text))
    return text[1:-1] if re.fullmatch(r"\([^()]*\)", text) else text


def meet(left, right, yes, no):
    """Are the results of a choice by the order of left and right the same where these are equal?"""
    return {yes, no} == {left, right} or (right == "0" and {yes, no} <= {left, "-" + left, "0"})


def binary(node, left, right, meeting=False):
    """left and right are the texts of the operands; meeting: where they are equal both ways come to the same."""
    op = node["opcode"]
    for other in RELATIONS.get(op, [])[1 if meeting else 0:]:
        yield "relation", f"{left} {other} {right}", True
    if op == "&&":
        yield "logic", f"{left} || {right}", False
        yield "condition dropped", left, True
        yield "condition dropped", right, False
    elif op == "||":
        yield "logic", f"{left} && {right}", False
        yield "condition dropped", left, True
        yield "condition dropped", right, False
    elif op in ARITHMETIC and is_integer(node):
        other = ARITHMETIC[op]
        if other == "/":
            yield "arithmetic", f"(({right}) == 0 ? 0 : {left} / {right})", True
        else:
            yield "arithmetic", f"{left} {other} {right}", True


def unary(node, operand):
    if node["opcode"] == "!":
        yield "negation", f"!!({operand})", True
    elif node["opcode"] in ("-", "~") and is_integer(node):
        yield "sign", operand, True


def constant(text, value, mask=False):
    """An integer constant; value is None where it is not plain."""
    if text in ("true", "false"):
        yield "constant", "false" if text == "true" else "true", True
        return
    if mask:
        yield "wrong bit", f"(({text}) << 1)", True
        yield "wrong bit", f"(({text}) >> 1)", True
        return
    if value == NEVER:
        # Stands for no instant at all, and is only compared with instants: a clock of 64-bit microseconds is at a 1000th
        # of it in 584 years. One more is 0, which is an instant: due now.
        yield "off by one", f"({text} + 1)", True
        return
    if value is None or value < PARTS:
        yield "off by one", f"({text} + 1)", True
        if value != 0:
            yield "off by one", f"({text} - 1)", True
    if value is not None and value >= FACTOR_FROM:
        yield "factor 1000", f"({text} / 1000)", True
        if value <= 2000000:
            yield "factor 1000", f"({text} * 1000)", True


def condition(text, loop):
    if not loop:
        yield "condition true", "1", True
    yield "condition false", "0", True


def times_of(path):
    """The identifiers of parameters that are times, by the unit in their names."""
    with open(path, encoding="utf-8") as f:
        return {"BMS_PARAM_" + i for i in re.findall(r"P\((\w+),\s*\"[\w.]+_(?:us|ms|s|min|h)\"", f.read())}


def level(text, times, as_flag=False):
    """A number out of the parameters or a rule: one step off, each way; a time by a factor 1000 as well, unless it is only
    asked whether it is 0, which no factor changes."""
    yield "one step off", f"({text} + 1)", True
    yield "one step off", f"({text} - 1)", True
    if not as_flag and (re.search(r"_ms\b|_s\b|DELAY", text) or times & set(re.findall(r"\w+", text))):
        yield "factor 1000", f"({text} * 1000)", True
        yield "factor 1000", f"({text} / 1000)", True


def member(node, text, fields):
    """A member read: its counterpart, or without its sign."""
    name = node["name"]
    for one, other in COUNTERPARTS:
        for a, b in ((one, other), (other, one)):
            swapped = re.sub(rf"(?<![a-z]){a}(?![a-z])", b, name)
            if swapped != name and fields.get(swapped) == fields.get(name):
                yield "wrong one", text[: len(text) - len(name)] + swapped, True
    if name.endswith("ddegC") and re.search(r"\bint16_t|\bshort\b", qual_type(node)):
        yield "sign lost", f"(uint16_t)({text})", True


def index(base, subscript):
    if subscript.strip() not in ("0", "0U"):
        yield "wrong index", f"{base}[0]", True


def returned(node, text):
    if is_bool(node):
        yield "result negated", f"!({text})", True


def choice(test, yes, no):
    yield "choice swapped", f"{test} ? {no} : {yes}", False


def first_child(node):
    inner = children(node)
    return inner[0] if inner else None
