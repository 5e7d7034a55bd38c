"""A parameter set, and the requirement rows that its numbers make."""
import json

from faults import FAULTS, NEEDS_TIME, OURS, ROLES, TICK_s, UNITS


def text_s(seconds):
    return f"{seconds:.6g} s"


class Rows:
    def __init__(self, path, pack):
        with open(path, encoding="utf-8") as f:
            document = json.load(f)
        self.id = document["id"]
        self.bms, self.pack = self.id, pack
        self.value = {name: v["value"] for name, v in document["values"].items()}
        self.rows, self.files = {}, {}
        self.cells = self.value["pack.cells"]
        self.rest_mV = (self.value["cell_uv.release_mV"] + self.value["cell_ov.release_mV"]) // 2
        self.nominal_A = self.value["pack.nominal_mAh"] / 1000

    def enabled(self, fault, bit):
        return self.value.get(fault + ".enable", 0) & bit

    def unit_of(self, fault):
        return next(u for u in ("mV", "mA", "ddegC", "count") if f"{fault}.trip_{u}" in self.value)

    def level(self, fault, field):
        return self.value[f"{fault}.{field}_{self.unit_of(fault)}"]

    def delay_s(self, fault, field):
        return self.value[f"{fault}.{field}_ms"] / 1000

    def quantity(self, fault, code):
        unit, scale, _, _ = UNITS[self.unit_of(fault)]
        return f"{code / scale:.7g} {unit}"

    def channels(self, kind):
        return [k for k in range(1, 9) if self.value[f"temp.role_{k}"] == ROLES[kind]]

    def channel(self, kind):
        return self.channels(kind)[-1] if self.channels(kind) else None

    def usable(self, fault):
        return FAULTS[fault][0] not in ROLES or self.channel(FAULTS[fault][0]) is not None

    def where(self, fault):
        kind, on, _, _ = FAULTS[fault]
        if kind in ROLES:
            return f"afe.ntc[{self.channel(kind)}].temperature"
        return f"{self.cells * self.rest_mV / 1000:.7g} V - afe.pack.voltage" if kind == "stack" else on

    def row_id(self, fault, what):
        return f"CORE-{self.id.upper()}-{fault.upper()}-{what}"

    def limit(self, fault, code):
        return {"value": self.quantity(fault, code), "tolerance": UNITS[self.unit_of(fault)][2], **OURS}

    def delay(self, seconds):
        return {"nominal": text_s(seconds), "min": text_s(seconds), "max": text_s(seconds + TICK_s), "latency": "none", **OURS}

    def add_row(self, fault, what, text, **parts):
        row = {"id": self.row_id(fault, what), "quantity": f"{what.lower().replace('-', ' ')} {fault}", "group": "protection",
               "check": "bench", "status": "ours", "text": text, **parts}
        self.rows[row["id"]] = row
        return row["id"]

    def rows_of(self, fault):
        _, _, side, name = FAULTS[fault]
        name = name[0].upper() + name[1:]
        beyond, inside = ("above", "below") if side == "rising" else ("below", "above")
        if self.enabled(fault, 2):
            self.add_row(fault, "ALARM", f"{name} at or {beyond} this raises the alarm; at or {inside} the release it ends",
                         limit=self.limit(fault, self.level(fault, "alarm")),
                         delay=self.delay(self.delay_s(fault, "alarm_delay")),
                         release={"rule": "value", "limit": self.limit(fault, self.level(fault, "alarm_release")),
                                  "delay": self.delay(self.delay_s(fault, "alarm_delay"))})
        if self.enabled(fault, 1):
            self.add_row(fault, "TRIP", f"{name} at or {beyond} this trips after the delay",
                         limit=self.limit(fault, self.level(fault, "trip")), delay=self.delay(self.delay_s(fault, "trip_delay")))
            delay = self.delay(self.delay_s(fault, "release_delay"))
            if self.value[fault + ".needs"] & NEEDS_TIME:
                self.add_row(fault, "RELEASE", "The trip releases by itself after the delay",
                             release={"rule": "time", "delay": delay})
            else:
                self.add_row(fault, "RELEASE", f"{name} at or {inside} this releases after the delay",
                             release={"rule": "value", "limit": self.limit(fault, self.level(fault, "release")), "delay": delay})

    def table(self):
        return {"system": "core-" + self.id, "source": "product requirement",
                "about": "With an ideal front end the parameters hold to one code and delays to one tick of 10 ms, counted from the first sample at or"
                         " beyond the level. Without these rows an error of one step hides inside the tolerances of the manual."
                         f" Made by scripts/core-scenarios from bms_core/params/{self.id}.json.",
                "of": [self.id], "rows": list(self.rows.values())}
