"""Can a scenario notice that these fields of the core's command are another, and how likely is it?

Most fields only tell: the plant goes on as before, whatever they say. As long as no others differ all along a tape, only a
scenario that speaks of one of them can notice. What acts (gates, power, thresholds, the memory, the instant of the next call)
may change anything.
"""
import re

# What a scenario says when it looks at a field that only tells: part of a signal's name.
TELLS = {
    "leds": r"\.led\.", "buzzer": r"\.buzzer", "dry_contacts": r"contact\[", "mode": r"bms\.mode", "display": r"\.display",
    "charge_allowed": r"charge\.allowed", "discharge_allowed": r"discharge\.allowed", "locked": r"\.locked", "full": r"\.full",
    "protections": r"\.protect", "alarms": r"\.alarm", "wires_high": r"\.wire\.", "address": r"\.address", "master": r"\.master",
    "updating": r"\.updating", "access": r"bms\.access", "soc_ppm": r"bms\.soc", "soh_ppm": r"bms\.soh",
    "remaining_mAh": r"\.remaining", "capacity_mAh": r"bms\.capacity", "cycles": r"\.cycles", "charges": r"bms\.charges",
    "discharged_Ah": r"\.discharged", "runtime_min": r"\.runtime", "records": r"bms\.records",
    "record_clock_s": r"\.record\.clock", "trips": r"\.trips\.", "charge_limit_mA": r"\.charge\.limit",
    "discharge_limit_mA": r"\.discharge\.limit", "charge_limit_mV": r"\.charge\.voltage",
    "discharge_limit_mV": r"\.discharge\.voltage", "write": r"bms\.write"}
# Of those that act, what speaks of them, or of what shows them.
ACTS = {
    "charge_fet": r"fet\.charge|charge\.current|charge\.allowed", "discharge_fet": r"fet\.discharge|discharge\.current|discharge\.allowed",
    "balance": r"balanc|bleed", "balance_from": r"balance\.from", "balance_to": r"balance\.to", "balance_mA": r"balance\.current|bleed",
    "heater": r"heater", "power": r"bms\.power|board\.current", "limiter_mA": r"limiter", "clock_set_s": r"clock",
    "storage_data": r"storage\.|brown-out|reset", "scd_threshold_mA": r"short", "scd_delay_us": r"short"}
PUT_IN = r"(bms|charge|discharge|contact|storage)[.\[]?\$\{"  # part of a name comes from the case
TOLD, ACTED, MAYBE = 1.0, 0.5, 0.05


def speaks_of(text, words):
    return re.search(words, text) is not None


def promise(text, fields):
    """0: the scenario cannot notice; else more is likelier. No fields: it crashed, or hung."""
    if not fields:
        return TOLD
    put_in = speaks_of(text, PUT_IN)
    told = [f for f in fields if f in TELLS]
    if any(put_in or speaks_of(text, TELLS[f]) for f in told):
        return TOLD
    # The next call comes at another instant because of what is told: nobody looks at that here.
    acting = [f for f in fields if f not in TELLS and not (told and f == "due")]
    if any(put_in or speaks_of(text, ACTS[f]) for f in acting if f in ACTS):
        return ACTED
    return MAYBE if acting else 0.0
