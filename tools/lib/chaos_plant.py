"""Hosts with one fault each, to see that chaos finds it.

A fault is a patch of one source in tests/chaos/faults; its first lines say what is wrong. The patched
source is compiled as the build compiles it and linked before the libraries, so only that file costs time.
"""

import json
import pathlib
import re
import shlex
import subprocess

from chaos_world import Trouble

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAULTS = ROOT / "tests/chaos/faults"


def names():
    return sorted(patch.stem for patch in FAULTS.glob("*.patch"))


def meaning(name):
    lines = (FAULTS / f"{name}.patch").read_text().split("\n")
    return " ".join(line for line in lines[:next(i for i, line in enumerate(lines) if line.startswith("--- "))])


def patched_source(name):
    """The file the patch changes, below the root."""
    found = re.findall(r"^\+\+\+ b/(\S+)", (FAULTS / f"{name}.patch").read_text(), re.MULTILINE)
    if len(found) != 1:
        raise Trouble(f"{name}.patch must change exactly one source, not {found}")
    return found[0]


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise Trouble(f"{shlex.join(command)[:200]} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def compile_command(build_folder, source):
    for entry in json.loads((build_folder / "compile_commands.json").read_text()):
        if entry["file"] == str(ROOT / source):
            return shlex.split(entry["command"]), entry["directory"]
    raise Trouble(f"{build_folder} does not compile {source}")


def build(build_folder, name):
    """The host program with the fault `name`, made from the objects of `build_folder`."""
    source = patched_source(name)
    folder = build_folder / "chaos/plants" / name
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / pathlib.Path(source).name
    copy.write_text((ROOT / source).read_text())
    run(["patch", "--no-backup-if-mismatch", str(copy), str(FAULTS / f"{name}.patch")], folder)

    command, directory = compile_command(build_folder, source)
    unit = folder / "planted.o"
    command[command.index("-o") + 1] = str(unit)
    command[command.index(str(ROOT / source))] = str(copy)
    run(command, directory)

    lines = run(["ninja", "-t", "commands", "-s", "host/main/syncline"], build_folder).strip().split("\n")
    link = re.sub(r"^: && | && :$", "", lines[-1])
    words = shlex.split(link)
    program = folder / "syncline"
    words[words.index("-o") + 1] = str(program)
    words.insert(words.index("-o"), str(unit))
    run(words, build_folder)
    return program
