"""The list of failpoints is the places in the sources is what chaos draws from; without
SYNCLINE_FAILPOINTS nothing of them is left.

    failpoints_test.py SOURCE_FOLDER BUILD_FOLDER
"""

import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

ROOT, BUILD = (pathlib.Path(argument) for argument in sys.argv[1:3])
sys.path.insert(0, str(ROOT / "tools/lib"))
import chaos_plant  # noqa: E402
import chaos_schedule  # noqa: E402

TABLE = ROOT / "host/core/failpoint.cpp"
USERS = [source for source in sorted((ROOT / "host").rglob("*.cpp"))
         if '#include "core/failpoint.hpp"' in source.read_text()]


def listed():
    table = TABLE.read_text().split("kFailpoints[] = {")[1].split("};")[0]
    return re.findall(r'"([^"]+)"', table)


def used():
    uses = []
    for source in (ROOT / "host").rglob("*.[ch]pp"):
        uses += re.findall(r'SYNCLINE_FAILPOINT(?:_OR_ERROR)?\(\s*"([^"]+)"', source.read_text())
    return uses


def symbols_without_failpoints(source, folder):
    """Names and texts in the object of `source`, compiled as here but as a release is: without them."""
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        if entry["file"] == str(source):
            command = [word for word in shlex.split(entry["command"]) if "SYNCLINE_FAILPOINTS" not in word]
            unit = pathlib.Path(folder) / (source.name + ".o")
            command[command.index("-o") + 1] = str(unit)
            subprocess.run(command, cwd=entry["directory"], check=True)
            return subprocess.run(["strings", "-a", str(unit)], capture_output=True, text=True, check=True).stdout
    raise AssertionError(f"{source} is not compiled in {BUILD}")


class Failpoints(unittest.TestCase):
    def test_each_name_is_used_in_one_place(self):
        self.assertEqual(sorted(listed()), sorted(used()))

    def test_chaos_draws_from_all_of_them(self):
        self.assertEqual(sorted(listed()), sorted(chaos_schedule.FAILPOINTS))

    def test_this_build_has_them(self):
        program = (BUILD / "host/main/syncline").read_bytes()
        for name in listed():
            self.assertIn(name.encode(), program)

    def test_a_release_has_none(self):
        release = json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"]
        release = next(preset for preset in release if preset["name"] == "release")
        self.assertNotIn("SYNCLINE_FAILPOINTS", release["cacheVariables"])
        self.assertEqual(release["inherits"], "base")
        # The switch itself, and one of those that use it: the places are all the same macro.
        with tempfile.TemporaryDirectory() as folder:
            for source in (ROOT / "host/core/failpoint.cpp", ROOT / "host/engine/authorization.cpp"):
                self.assertIn(source, USERS)
                left = symbols_without_failpoints(source, folder)
                for word in ["failpoint", "SYNCLINE_CLOCK_FILE", *listed()]:
                    found = [line for line in left.splitlines() if word in line and not line.endswith((".hpp", ".cpp"))]
                    self.assertEqual(found, [], source)


class Plants(unittest.TestCase):
    def test_each_still_fits_its_source(self):
        self.assertEqual(len(chaos_plant.names()), 8)
        for name in chaos_plant.names():
            with self.subTest(name):
                source = ROOT / chaos_plant.patched_source(name)
                done = subprocess.run(
                    ["patch", "--dry-run", "--fuzz=0", str(source), str(chaos_plant.FAULTS / f"{name}.patch")],
                    capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertNotEqual(chaos_plant.meaning(name), "")


class Schedule(unittest.TestCase):
    def test_the_same_seed_gives_the_same_schedule(self):
        orders = list(range(100, 160))
        for number in range(20):
            first, second = (chaos_schedule.draw(7, number, orders, orders[:20]).as_json() for _ in range(2))
            self.assertEqual(first, second)
        self.assertNotEqual(first, chaos_schedule.draw(8, 19, orders, orders[:20]).as_json())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
