"""JSON laid out like the hand-written scenarios."""
import json
import os


def one_line(value):
    return json.dumps(value, ensure_ascii=False)


def pretty(scenario):
    """Like the hand-written ones: lists one entry a line, the rest on the line of its key."""
    lines = []
    for key, value in scenario.items():
        if isinstance(value, list):
            entries = ",\n".join("    " + one_line(v) for v in value)
            lines.append(f"  {one_line(key)}: [\n{entries}\n  ]")
        else:
            lines.append(f"  {one_line(key)}: {one_line(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
