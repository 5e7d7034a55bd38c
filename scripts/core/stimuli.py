"""Stimuli that lead the readings of a fault to a code, and the files they are put in."""
from faults import CURRENTS, FAULTS, HEAVY, NEEDS_CHARGE, NEEDS_CHARGER, NEEDS_KEY, ROLES, UNITS
from rows import Rows


class Stimuli(Rows):
    def drive(self, fault, code):
        """Leads the reading of a fault to a code."""
        kind = FAULTS[fault][0]
        value = code
        if kind == "stack":
            value = self.cells * self.rest_mV - code
        elif kind == "spread":
            high = self.rest_mV + self.level(fault, "trip") + 100 < self.value["wire.high_mV"]
            value = self.rest_mV + (code if high else -code)  # upwards, unless that is no cell's reading any more
        elif kind == "discharge":
            value = -code
        act = {"kind": "cell reading stuck", "index": 1 + self.cells // 2}
        if kind in ("pack", "stack"):
            act = {"kind": "pack reading stuck"}
        elif kind in CURRENTS:
            act = {"kind": "current offset"}
        elif kind in ROLES:
            act = {"kind": "ntc stuck", "index": self.channel(kind)}
        act["value"] = self.quantity(fault, value)
        return act

    def first(self, fault, code):
        """The same where it begins: a shunt of no gain shows the offset alone, not the leakage of the terminals."""
        act = self.drive(fault, code)
        acts = [{"kind": "current gain", "value": "-100 %"}] if FAULTS[fault][0] in CURRENTS else []
        if FAULTS[fault][0] == "against":  # a hot cell opens the gate
            acts.append(self.drive("chg_ot", self.level("chg_ot", "trip") + 30))
        return acts + [act] if acts else act

    def quiet(self, fault, extra=None):
        """Other faults that the stimulus would trip on its way, switched off."""
        off = {"cell": ("pack_ov", "pack_uv", "stack_mismatch", "cell_diff"), "pack": ("stack_mismatch",), "stack": ("pack_ov", "pack_uv"),
               "spread": ("cell_ov", "cell_uv", "stack_mismatch"),
               "charge": HEAVY, "discharge": HEAVY, "against": ("chg_oc",)}.get(FAULTS[fault][0], ())
        changed = {name + ".enable": 0 for name in off if self.enabled(name, 3) and name != fault}
        changed.update(extra or {})
        changed["balance.when"] = 0  # the reading of a cell that is bled is not believed at once
        return changed

    def help_of(self, fault):
        """What a release needs besides the value."""
        needs = self.value[fault + ".needs"]
        acts = {}
        if needs & (NEEDS_CHARGE | NEEDS_CHARGER):
            acts["charger"] = {"current": "5 A", "voltage": f"{self.cells * 4.5:.4g} V"}
        if needs & NEEDS_KEY:
            acts["key"] = {"reset": "held"}
        return acts or {"load": "off"}

    def scenario(self, title, cases, steps, expect, **more):
        return {"title": title, "pack": self.pack, "bms": self.bms, "front_end": "ideal", **more, "cases": cases, "steps": steps,
                "expect": expect}

    def read(self, fault):
        """Initial state of the scenarios that lead readings: between the releases, charged enough for no release by charge."""
        return {"rest voltage": f"{self.rest_mV / 1000:.4g} V", "bms soc": "98 %"}

    def put(self, name, title, cases, steps, expect, settings="${set}", **more):
        if cases:
            more.setdefault("initial", self.read(None))
            self.files[name] = self.scenario(title, cases, steps, expect, parameters=settings, **more)
