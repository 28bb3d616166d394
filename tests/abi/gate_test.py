#!/usr/bin/env python3
"""Plants one change after the other in a copy of abi.h and expects the pins not to compile.

    gate_test.py HEADER PINS COMPILER
"""
import os
import subprocess
import sys
import tempfile

# What changed, the text in abi.h, and what it becomes.
CHANGES = [
    ("a field appended", "    const char *license;   /* SPDX */", None),
    ("a field inserted", "    int64_t retry_after_ms; /* -1 = unknown */",
     "    int64_t added;\n    int64_t retry_after_ms;"),
    ("a field removed", "    int64_t timeout_ms; /* whole exchange; 0 = the host's default */\n", ""),
    ("two fields swapped", "    uint32_t magic; /* SYNCLINE_MAGIC */\n    uint32_t struct_size;",
     "    uint32_t struct_size;\n    uint32_t magic;"),
    ("a field made unsigned", "    int32_t http_status; ", "    uint32_t http_status; "),
    ("a field made wider", "    char code[64]; ", "    char code[128]; "),
    ("a field renamed", "    syncline_bytes trace_id; ", "    syncline_bytes trace; "),
    ("an operation moved", "syncline_op cdc_poll, cdc_ack;", "syncline_op cdc_ack, cdc_poll;"),
    ("a callback's parameter retyped", "(*truncate)(\n        void *self, syncline_bytes text, uint32_t",
     "(*truncate)(\n        void *self, syncline_bytes text, uint64_t"),
    ("an operation's shape changed", "    void *instance, const syncline_call *call, syncline_bytes in_json",
     "    void *instance, syncline_call *call, syncline_bytes in_json"),
    ("a status renumbered", "#define SYNCLINE_HOLD 11 ", "#define SYNCLINE_HOLD 12 "),
    ("the status made wider", "typedef int32_t syncline_status;", "typedef int64_t syncline_status;"),
]


def compiles(compiler, folder, pins):
    command = [compiler, "-std=c11", "-fsyntax-only", f"-I{folder}", pins]
    return subprocess.run(command, capture_output=True).returncode == 0


def main(header, pins, compiler):
    with open(header) as file:
        original = file.read()
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "syncline"))
        copy = os.path.join(folder, "syncline", "abi.h")

        def with_text(text):
            with open(copy, "w") as file:
                file.write(text)
            return compiles(compiler, folder, pins)

        if not with_text(original):
            failures.append("the pins do not hold for abi.h as it is")
        for what, before, after in CHANGES:
            changed = before + "\n    const char *added;" if after is None else after
            if original.count(before) != 1:
                failures.append(f"{what}: abi.h no longer has the text to change; mend this test")
            elif with_text(original.replace(before, changed)):
                failures.append(f"{what}: no pin noticed")
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
