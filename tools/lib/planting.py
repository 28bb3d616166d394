"""Programs with one fault each, to see that a check finds it.

A fault is a patch of one source; its first lines say what is wrong. The patched source is compiled as the build compiles
it and linked before the libraries, so only that file costs time.
"""

import json
import pathlib
import re
import shlex
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Faults:
    """The patches of one folder. What goes wrong is raised as `trouble`."""

    def __init__(self, folder, trouble):
        self.folder = folder
        self.trouble = trouble

    def names(self):
        return sorted(patch.stem for patch in self.folder.glob("*.patch"))

    def patch(self, name):
        return self.folder / f"{name}.patch"

    def meaning(self, name):
        return " ".join(self.patch(name).read_text().split("\n--- ")[0].split())

    def patched_source(self, name):
        """The file the patch changes, below the root."""
        found = re.findall(r"^\+\+\+ b/(\S+)", self.patch(name).read_text(), re.MULTILINE)
        if len(found) != 1:
            raise self.trouble(f"{name}.patch must change exactly one source, not {found}")
        return found[0]

    def run(self, command, folder):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise self.trouble(f"{shlex.join(command)[:200]} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout

    def compile(self, build, name, folder):
        """The object of the patched source, in `folder`."""
        source = self.patched_source(name)
        folder.mkdir(parents=True, exist_ok=True)
        copy = folder / pathlib.Path(source).name
        copy.write_text((ROOT / source).read_text())
        self.run(["patch", "--no-backup-if-mismatch", str(copy), str(self.patch(name))], folder)
        for entry in json.loads((build / "compile_commands.json").read_text()):
            if entry["file"] == str(ROOT / source):
                command = shlex.split(entry["command"])
                unit = folder / "planted.o"
                command[command.index("-o") + 1] = str(unit)
                command[command.index(str(ROOT / source))] = str(copy)
                self.run(command, entry["directory"])
                return unit
        raise self.trouble(f"{build} does not compile {source}")

    def link(self, build, unit, target):
        """The program `target` of the build with `unit` in the place of what it was patched from."""
        lines = self.run(["ninja", "-t", "commands", "-s", target], build).strip().split("\n")
        link = re.sub(r"^: && ", "", lines[-1]).split(" && ")[0]
        words = shlex.split(link)
        program = unit.parent / pathlib.Path(target).name
        words[words.index("-o") + 1] = str(program)
        words.insert(words.index("-o"), str(unit))
        self.run(words, build)
        return program
