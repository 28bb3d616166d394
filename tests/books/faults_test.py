"""The faults of tools/books still fit their sources.

    faults_test.py SOURCE_FOLDER
"""

import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(ROOT / "tools/lib"))
import planting  # noqa: E402

FAULTS = planting.Faults(ROOT / "tests/books/faults", RuntimeError)


class Plants(unittest.TestCase):
    def test_each_still_fits_its_source(self):
        self.assertGreaterEqual(len(FAULTS.names()), 30)
        for name in FAULTS.names():
            with self.subTest(name):
                source = ROOT / FAULTS.patched_source(name)
                self.assertEqual(source.parent, ROOT / "plugins/quickbooks/encode")
                done = subprocess.run(
                    ["patch", "--dry-run", "--fuzz=0", str(source), str(FAULTS.patch(name))], capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertNotEqual(FAULTS.meaning(name), "")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
