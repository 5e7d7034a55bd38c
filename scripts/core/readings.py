"""Scenarios of what is read: cells, pack, temperatures."""
from faults import FAULTS, NEEDS_TIME, ROLES, UNITS
from rows import text_s
from stimuli import Stimuli


class Readings(Stimuli):
    def reading_faults(self):
        return [f for f in FAULTS if self.enabled(f, 3) and self.usable(f)]

    def sides(self, fault):
        """(what, bit, field of the level, field of its release, row of the release) of what is enabled."""
        found = []
        if self.enabled(fault, 2):
            found.append(("ALARM", "alarm." + fault, "alarm", "alarm_release", "ALARM", "alarm_delay", "alarm_delay"))
        if self.enabled(fault, 1):
            found.append(("TRIP", "protection." + fault, "trip", "release", "RELEASE", "trip_delay", "release_delay"))
        return found

    def reading_delays(self):
        cases, timed = [], 0
        for fault in self.reading_faults():
            up = 1 if FAULTS[fault][2] == "rising" else -1
            reach = UNITS[self.unit_of(fault)][3]
            for what, bit, field, _, row, delay, back_delay in self.sides(fault):
                if what == "TRIP" and self.value[fault + ".needs"] & NEEDS_TIME:
                    continue
                if FAULTS[fault][0] == "against":
                    continue  # its gate must be open before
                phases = ("0 ms", "2 ms", "9 ms") if FAULTS[fault][0] == "cell" else (("0 ms", "3 ms", "9 ms")[timed % 3],)
                timed += 1
                act, how = next(iter((self.help_of(fault) if what == "TRIP" else {"load": "off"}).items()))
                cases += [{"case": f"{bit} {phase}", "trip": self.row_id(fault, what), "release": self.row_id(fault, row), "bit": bit,
                           "on": self.where(fault), "side": FAULTS[fault][2], "back": "falling" if up > 0 else "rising",
                           "set": self.quiet(fault), "act": act, "how": how, "phase": phase,
                           "beyond": self.drive(fault, self.level(fault, field) + up * reach),
                           "kind": self.drive(fault, 0)["kind"], "on for": text_s(self.delay_s(fault, delay) + 3),
                           "off for": text_s(self.delay_s(fault, back_delay) + 3)} for phase in phases]
        steps = [{"at": "1.05 s", "${act}": "${how}"}, {"after": "1 s", "fault": "${beyond}"}, {"after": "${on for}", "clear": "${kind}"},
                 {"after": "${off for}"}]
        self.put("delays-of-readings-are-exact", "Delays of cells, pack and temperatures are exact to one tick from the first sample beyond",
                 cases, steps,
                 [{"requirement": "${trip}", "trip": "bms.${bit} becomes true", "on": "${on}", "${side}": "req", "measure": "delay"},
                  {"requirement": "${release}", "release": "bms.${bit} becomes false", "on": "${on}", "${back}": "req", "measure": "delay"}],
                 phase="${phase}")

    def half(self, fault, code, up):
        """Half a code before a level: what a reading passes when it comes to the level itself."""
        unit, scale, _, _ = UNITS[self.unit_of(fault)]
        return f"{(code - up * 0.5) / scale:.8g} {unit}"

    def passes(self, fault, code, rising):
        """The event of the reading that arrives at a code."""
        stack = self.where(fault)
        return f"{stack} {'rises above' if rising else 'falls below'} {self.half(fault, code, 1 if rising else -1)}"

    def codes(self):
        cases = []
        for fault in self.reading_faults():
            rising = FAULTS[fault][2] == "rising"
            up = 1 if rising else -1
            reach = UNITS[self.unit_of(fault)][3]
            for what, bit, field, back, row, delay, back_delay in self.sides(fault):
                if what == "TRIP" and self.value[fault + ".needs"] & NEEDS_TIME:
                    continue
                act, how = next(iter((self.help_of(fault) if what == "TRIP" else {"load": "off"}).items()))
                come, gone = self.level(fault, field), self.level(fault, back)
                cases.append({"case": bit, "trip": self.row_id(fault, what), "release": self.row_id(fault, row), "bit": bit,
                              "set": self.quiet(fault), "act": act, "how": how,
                              "under": self.first(fault, come - up), "level": self.drive(fault, come), "beyond": self.drive(fault, come + up * reach),
                              "over": self.drive(fault, gone + up), "inside": self.drive(fault, gone),
                              "come": self.passes(fault, come, rising), "gone": self.passes(fault, gone, not rising),
                              "on for": text_s(self.delay_s(fault, delay) + 3), "off for": text_s(self.delay_s(fault, back_delay) + 3)})
        steps = [{"at": "1.05 s", "${act}": "${how}", "fault": "${under}"}, {"after": "${on for}", "label": "level", "fault": "${level}"},
                 {"after": "${on for}", "fault": "${beyond}"}, {"after": "1 s", "label": "over", "fault": "${over}"},
                 {"after": "${off for}", "label": "inside", "fault": "${inside}"}, {"after": "${off for}"}]
        self.put("codes-are-exact", "The code of a level trips and that of a release releases; the one before does not, however long it stays",
                 cases, steps,
                 [{"requirement": "${trip}", "never": "bms.${bit} is true", "until": "level"},
                  {"requirement": "${trip}", "when": "${come}", "then": "bms.${bit} becomes true", "within": "req", "not before": "req"},
                  {"requirement": "${release}", "after": "over", "stays": "bms.${bit} is true", "until": "inside"},
                  {"requirement": "${release}", "when": "${gone}", "then": "bms.${bit} becomes false", "within": "req", "not before": "req"}])

    def timed(self):
        """Releases by time: the value must have gone too."""
        cases = []
        for fault in self.reading_faults():
            if not self.enabled(fault, 1) or not self.value[fault + ".needs"] & NEEDS_TIME:
                continue
            up = 1 if FAULTS[fault][2] == "rising" else -1
            come, gone = self.level(fault, "trip"), self.level(fault, "release")
            cases.append({"case": fault, "bit": "protection." + fault, "trip": self.row_id(fault, "TRIP"), "release": self.row_id(fault, "RELEASE"),
                          "set": self.quiet(fault, {"lock.count": 0}), "under": self.first(fault, come - up), "level": self.drive(fault, come),
                          "over": self.drive(fault, gone + up), "inside": self.drive(fault, gone), "come": self.passes(fault, come, up > 0),
                          "on for": text_s(self.delay_s(fault, "trip_delay") + 3), "off for": text_s(self.delay_s(fault, "release_delay") + 3)})
        steps = [{"at": "1.05 s", "fault": "${under}"}, {"after": "${on for}", "label": "level", "fault": "${level}"},
                 {"after": "${on for}", "label": "over", "fault": "${over}"}, {"after": "${off for}", "label": "inside", "fault": "${inside}"},
                 {"after": "1 s"}]
        self.put("codes-of-timed-releases-are-exact", "A release by time waits for the code of its release too, and then comes at once",
                 cases, steps,
                 [{"requirement": "${trip}", "never": "bms.${bit} is true", "until": "level"},
                  {"requirement": "${trip}", "when": "${come}", "then": "bms.${bit} becomes true", "within": "req", "not before": "req"},
                  {"requirement": "${release}", "after": "over", "stays": "bms.${bit} is true", "until": "inside"},
                  {"requirement": "${release}", "after": "inside", "then": "bms.${bit} becomes false", "within": "20 ms"}])

    def excursions(self):
        cases = []
        for fault in self.reading_faults():
            delay_s = self.delay_s(fault, "trip_delay")
            period_s = 1.0 if FAULTS[fault][0] in ROLES else 0.1
            if not self.enabled(fault, 1) or delay_s < 2 * period_s:
                continue
            up = 1 if FAULTS[fault][2] == "rising" else -1
            reach = UNITS[self.unit_of(fault)][3]
            inside = self.level(fault, "trip") - up
            cases.append({"case": fault, "bit": "protection." + fault, "row": self.row_id(fault, "TRIP"), "set": self.quiet(fault),
                          "first": self.first(fault, inside), "beyond": self.drive(fault, self.level(fault, "trip") + up * reach),
                          "back": self.drive(fault, inside),
                          "long": text_s(delay_s - period_s), "short": text_s(3 * period_s)})
        pulse = [{"after": "${short}", "fault": "${beyond}"}, {"after": "${long}", "fault": "${back}"}]
        steps = [{"at": "1.05 s", "fault": "${first}"}] + pulse + pulse + pulse + [{"after": "5 s"}]
        self.put("short-excursions-do-not-count", "A reading beyond its level for just under the delay does not trip, however often it comes",
                 cases, steps, [{"requirement": "${row}", "never": "bms.${bit} is true"}])

    def along(self, kind, act):
        """What comes shortly before: the stack, read last in a scan, because an outer cell that it contradicts is an open wire."""
        if kind != "cell":
            return act
        stack_V = (self.cells - 1) * self.rest_mV / 1000 + float(act["value"].split()[0])
        return {"kind": "pack reading stuck", "value": f"{stack_V:.7g} V"}

    def everywhere(self):
        """Each cell and each sensor, by every fault that watches it."""
        cases = []
        for fault in self.reading_faults():
            kind, _, side, _ = FAULTS[fault]
            up = 1 if side == "rising" else -1
            places = range(1, self.cells + 1) if kind == "cell" else self.channels(kind) if kind in ROLES else ()
            if self.enabled(fault, 1):
                beyond = self.drive(fault, self.level(fault, "trip") + up * UNITS[self.unit_of(fault)][3])
                cases += [{"case": f"{fault} {place}", "row": self.row_id(fault, "TRIP"), "bit": "protection." + fault,
                           "set": self.quiet(fault), "first": self.along(kind, {**beyond, "index": place}), "act": {**beyond, "index": place},
                           "on": f"afe.cell[{place}].voltage" if kind == "cell" else f"afe.ntc[{place}].temperature", "side": side,
                           "for": text_s(self.delay_s(fault, "trip_delay") + 2)} for place in places]
        self.put("every-cell-and-sensor-is-watched", "A fault trips on each cell and each sensor that it watches, after its delay", cases,
                 [{"at": "1.12 s", "fault": "${first}"}, {"after": "40 ms", "fault": "${act}"}, {"after": "${for}"}],
                 [{"requirement": "${row}", "trip": "bms.${bit} becomes true", "on": "${on}", "${side}": "req", "measure": "delay"}])
