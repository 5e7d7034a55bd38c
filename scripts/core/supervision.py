"""Scenarios of what is seen in other ways than by a level."""
from faults import NEEDS_CHARGER, TICK_s
from rows import text_s
from stimuli import Stimuli


class Supervision(Stimuli):
    def supervision(self):
        cases = []
        cell = {"kind": "cell reading stuck", "index": 1 + self.cells // 2, "value": f"{(self.value['wire.low_mV'] - 100) / 1000:.4g} V"}
        low = f"afe.cell[{cell['index']}].voltage"
        wire_V = f"{self.value['wire.low_mV'] / 1000 - 0.05:.4g} V"
        channel = self.channel("cell temperature")
        ntc = f"afe.ntc[{channel}].temperature"
        for fault, act, come, gone, text in (
                ("sense_wire", cell, f"{low} falls below {wire_V}", f"{low} rises above {wire_V}", "A reading that cannot be its cell's voltage"),
                ("sensor", {"kind": "ntc open", "index": channel}, f"{ntc} falls below -39.5 degC", f"{ntc} rises above -39.5 degC",
                 "A temperature sensor at its rail")):
            if not self.enabled(fault, 1) or (fault == "sensor" and channel is None):
                continue
            rows = [self.add_row(fault, "TRIP", f"{text} trips after the delay", delay=self.delay(self.delay_s(fault, "trip_delay"))),
                    self.add_row(fault, "RELEASE", f"{text} releases this long after it is gone",
                                 release={"rule": "time", "delay": self.delay(self.delay_s(fault, "release_delay"))})]
            cases.append({"case": fault, "trip": rows[0], "release": rows[1], "fault": fault, "act": act, "kind": act["kind"], "come": come,
                          "gone": gone, "on for": text_s(self.delay_s(fault, "trip_delay") + 3),
                          "off for": text_s(self.delay_s(fault, "release_delay") + 3),
                          "set": self.quiet("cell_ov", {"cell_uv.enable": 0})})
        steps = [{"at": "1.05 s", "fault": "${act}"}, {"after": "${on for}", "clear": "${kind}"}, {"after": "${off for}"}]
        self.put("delays-of-supervision-are-exact", "What the core finds wrong with its readings trips and ends after its delays, to one tick", cases,
                 steps, [{"requirement": "${trip}", "when": "${come}", "then": "bms.protection.${fault} becomes true", "within": "req", "not before": "req"},
                         {"requirement": "${release}", "when": "${gone}", "then": "bms.protection.${fault} becomes false", "within": "req",
                          "not before": "req"}])

    def front_end(self):
        if self.enabled("afe_reset", 1):
            row = self.add_row("afe_reset", "RELEASE", "A front end that lost its settings is trusted again this long after its alert is gone",
                               release={"rule": "time", "delay": self.delay(self.delay_s("afe_reset", "release_delay"))})
            self.put("front-end-reset-ends-exactly", "After a reset of the front end the output returns after its delay, to one tick",
                     [{"case": f"phase {p}", "phase": p} for p in ("0 ms", "4 ms")],
                     [{"at": "1.05 s", "fault": {"kind": "front end reset"}}, {"after": text_s(self.delay_s("afe_reset", "release_delay") + 2)}],
                     [{"requirement": row, "when": "afe.alert.reset becomes false", "then": "bms.protection.afe_reset becomes false",
                       "within": "req", "not before": "req"}], phase="${phase}", initial={"soc": "50 %"}, settings={"balance.when": 0})
        if self.enabled("stale", 1):
            # Stopped 80 ms after a scan of the cells began, which lasts 3 ms a cell: its end is the stamp of what is old first.
            age_s = min(self.value["age.cell_ms"], self.value["age.current_ms"]) / 1000
            trip_s = 0.003 * self.cells - 0.080 + age_s + self.delay_s("stale", "trip_delay")
            wait_s = self.delay_s("stale", "release_delay")
            delay = {**self.delay(trip_s), "max": text_s(trip_s + 2 * TICK_s)}
            back = {**self.delay(wait_s), "max": text_s(wait_s + 0.16)}
            rows = [self.add_row("stale", "TRIP", "This long after the front end stopped, 80 ms into a scan, the age of the cells is at its limit",
                                 delay=delay),
                    self.add_row("stale", "RELEASE", "This long after the next scan what a silent front end stopped returns",
                                 release={"rule": "time", "delay": back})]
            self.put("silence-of-the-front-end-is-timed-exactly", "A front end that goes silent is noticed at the age limit, to two ticks",
                     [{"case": "phase 0 ms", "phase": "0 ms"}, {"case": "phase 3 ms", "phase": "3 ms"}],
                     [{"at": "1.08 s", "label": "silent", "fault": {"kind": "front end frozen"}},
                      {"after": "1.5 s", "label": "back", "clear": "front end frozen"}, {"after": text_s(wait_s + 3)}],
                     [{"requirement": rows[0], "after": "silent", "then": "bms.protection.stale becomes true", "within": "req", "not before": "req"},
                      {"requirement": rows[1], "after": "back", "then": "bms.protection.stale becomes false", "within": "req", "not before": "req"}],
                     phase="${phase}", initial={"soc": "50 %"}, settings={"balance.when": 0})

    def short(self):
        if not self.enabled("short_circuit", 1):
            return
        release = self.add_row("short_circuit", "RELEASE", "A short circuit is tried again after this time",
                               release={"rule": "time", "delay": self.delay(self.delay_s("short_circuit", "release_delay"))})
        cases = [{"case": f"phase {p}", "phase": p} for p in ("0 ms", "7 ms")]
        self.put("retry-after-a-short-circuit-is-exact", "The retry after a short circuit comes after its time, to one tick", cases,
                 [{"at": "1.05 s", "short": {"resistance": "20 mOhm"}}, {"after": "0.5 s", "short": "off"},
                  {"after": text_s(self.delay_s("short_circuit", "release_delay") + 5)}],
                 [{"requirement": release, "when": "bms.protection.short_circuit becomes true", "then": "bms.protection.short_circuit becomes false",
                   "within": "req", "not before": "req"}], phase="${phase}", initial={"soc": "50 %"}, settings={"lock.count": 0})

    def lock(self):
        if not self.enabled("oc_lock", 1) or not self.value["oc_lock.needs"] & NEEDS_CHARGER:
            return
        row = self.add_row("oc_lock", "RELEASE", "A lock ends this long after a charger is seen",
                           release={"rule": "charger", "delay": self.delay(self.delay_s("oc_lock", "release_delay"))})
        hold_s = self.delay_s("oc_lock", "release_delay")
        cases = [{"case": "phase 0 ms", "phase": "0 ms"}, {"case": "phase 6 ms", "phase": "6 ms"}]
        self.put("lock-ends-exactly", "A lock ends its delay after the charger is seen, to one tick, and not before", cases,
                 [{"at": "1.05 s", "short": {"resistance": "20 mOhm"}}, {"after": "0.5 s", "short": "off", "label": "locked"},
                  {"after": "100 s", "label": "charger", "charger": {"current": "5 A", "voltage": f"{self.cells * 4.5:.4g} V"}},
                  {"after": text_s(hold_s + 10)}],
                 [{"requirement": row, "after": "locked", "stays": "bms.locked is true", "until": "charger"},
                  {"requirement": row, "when": "afe.charger becomes true", "then": "bms.locked becomes false", "within": "req", "not before": "req"}],
                 phase="${phase}", initial={"soc": "50 %"}, settings={"lock.count": 1})
