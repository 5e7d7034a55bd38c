"""What the faults of a parameter set read, and the units of their codes."""

TICK_s = 0.010

# name: (kind, where it reads, side of a trip, what is said of it)
FAULTS = {
    "cell_ov": ("cell", "afe.cell.voltage.max", "rising", "the highest cell voltage"),
    "cell_uv": ("cell", "afe.cell.voltage.min", "falling", "the lowest cell voltage"),
    "pack_ov": ("pack", "afe.pack.voltage", "rising", "the pack voltage"),
    "pack_uv": ("pack", "afe.pack.voltage", "falling", "the pack voltage"),
    "chg_ot": ("cell temperature", None, "rising", "the hottest cell sensor, charge side,"),
    "chg_ut": ("cell temperature", None, "falling", "the coldest cell sensor, charge side,"),
    "dsg_ot": ("cell temperature", None, "rising", "the hottest cell sensor, discharge side,"),
    "dsg_ut": ("cell temperature", None, "falling", "the coldest cell sensor, discharge side,"),
    "mos_ot": ("FET temperature", None, "rising", "the FET sensor"),
    "amb_ot": ("ambient temperature", None, "rising", "the ambient sensor"),
    "amb_ut": ("ambient temperature", None, "falling", "the ambient sensor"),
    "cell_diff": ("spread", "afe.cell.voltage.max - afe.cell.voltage.min", "rising", "the spread of the cells"),
    "stack_mismatch": ("stack", None, "rising", "the pack reading's distance from the sum of the cells"),
    "chg_oc": ("charge", "afe.current + 0 A", "rising", "the charge current"),
    "fet_stuck": ("against", "afe.current + 0 A", "rising", "the charge current against an open gate"),
    "dsg_oc": ("discharge", "0 A - afe.current", "rising", "the discharge current"),
}
CURRENTS = ("charge", "discharge", "against")  # readings of a pack at rest: an offset alone
ROLES = {"cell temperature": 1, "FET temperature": 2, "ambient temperature": 3}
# unit of the codes: (unit in quantities, codes in one, half a code, reach of a step in codes)
UNITS = {"mV": ("V", 1000, "0.5 mV", 50), "mA": ("A", 1000, "0.5 mA", 5000), "ddegC": ("degC", 10, "0.05 K", 30)}
NEEDS_CHARGE, NEEDS_CHARGER, NEEDS_KEY, NEEDS_TIME = 1, 2, 4, 8
HEAVY = ("cell_ov", "cell_uv", "pack_ov", "pack_uv", "mos_ot", "chg_ot", "dsg_ot", "fet_stuck")
OURS = {"basis": "ours", "source": "product requirement"}
