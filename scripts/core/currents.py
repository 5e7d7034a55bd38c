"""Scenarios of the currents, by a charger and a load."""
from faults import NEEDS_TIME
from rows import text_s
from stimuli import Stimuli


class Currents(Stimuli):
    def port(self, fault, current_A):
        current = f"{current_A:.9g} A"
        if fault == "dsg_oc":
            return {"current": current}
        return {"current": current, "voltage": f"{self.cells * 4.5 + current_A * 0.03:.4g} V"}

    def current_faults(self):
        return [f for f in ("chg_oc", "dsg_oc") if self.enabled(f, 3)]

    def current_case(self, fault, bit):
        return {"case": bit, "bit": bit, "on": self.where(fault), "port": "load" if fault == "dsg_oc" else "charger",
                "soc": "70 %" if fault == "dsg_oc" else "30 %"}

    def current_delays(self):
        cases = []
        for fault in self.current_faults():
            if not self.enabled(fault, 1):
                continue
            trip_A = self.level(fault, "trip") / 1000
            high_A = trip_A * 1.08
            if fault == "dsg_oc":
                high_A = min(high_A, (trip_A + self.value["scd.threshold_mA"] / 1000) / 2)
            timed = self.value[fault + ".needs"] & NEEDS_TIME
            for phase in ("0 ms", "3 ms", "9 ms"):
                cases.append({**self.current_case(fault, "protection." + fault), "case": f"{fault} {phase}", "phase": phase, "fault": fault,
                              "alarm": self.row_id(fault, "ALARM"), "trip": self.row_id(fault, "TRIP"), "release": self.row_id(fault, "RELEASE"),
                              "set": self.quiet(fault), "drive": self.port(fault, high_A),
                              "timeout": text_s(self.delay_s(fault, "trip_delay") + 5), "off for": text_s(self.delay_s(fault, "release_delay") + 10)})
                del cases[-1]["bit"]
                assert timed, f"{self.id}: {fault} releases by value: not made yet"
        alarm = {"requirement": "${alarm}", "trip": "bms.alarm.${fault} becomes true", "on": "${on}", "rising": "req", "measure": "delay"}
        trip = {"requirement": "${trip}", "trip": "bms.protection.${fault} becomes true", "on": "${on}", "rising": "req", "measure": "delay"}
        release = {"requirement": "${release}", "when": "bms.protection.${fault} becomes true", "then": "bms.protection.${fault} becomes false",
                   "within": "req", "not before": "req"}
        steps = [{"at": "1.05 s", "${port}": "${drive}"},
                 {"until": "bms.protection.${fault} is true", "timeout": "${timeout}", "${port}": "off"}, {"after": "${off for}"}]
        for bits, name, expect in ((3, "delays-of-the-current-are-exact", [alarm, trip, release]),
                                   (1, "delays-of-the-current-without-alarm-are-exact", [trip, release])):
            chosen = [dict(c) for c in cases if self.enabled(c["fault"], 3) == bits]
            for c in chosen:
                if bits == 1:
                    del c["alarm"]
            self.put(name, "Delays of the current are exact to one tick from the first sample beyond, and the retry comes after its time", chosen,
                     steps, expect, phase="${phase}", initial={"soc": "${soc}"})
