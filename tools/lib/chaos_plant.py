"""Hosts with one fault each (tests/chaos/faults), to see that chaos finds it."""

from chaos_world import Trouble
from planting import ROOT, Faults

FAULTS = ROOT / "tests/chaos/faults"
_faults = Faults(FAULTS, Trouble)
names = _faults.names
meaning = _faults.meaning
patched_source = _faults.patched_source


def build(build_folder, name):
    """The host program with the fault `name`, made from the objects of `build_folder`."""
    unit = _faults.compile(build_folder, name, build_folder / "chaos/plants" / name)
    return _faults.link(build_folder, unit, "host/main/syncline")
