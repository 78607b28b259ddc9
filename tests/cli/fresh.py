"""A process that has loaded the program and forks for each command line: a start costs little.

Each line of stdin is a job, `{"arguments": …, "folder": …, "streams": [stdin, stdout, stderr]}`; a
stream is a path, `null` if it is closed, or "left" if its reader went away. The answer is the exit
code.
"""

import json
import os
import sys

import campaigner.cli.commands.run
import campaigner.compiler.compile
import campaigner.runtime.events.worker
import campaigner.runtime.explain.explain
import campaigner.runtime.run.run
import campaigner.runtime.warehouse.duckdb.client  # noqa: F401
import duckdb  # noqa: F401
from campaigner.cli.main import main

FLAGS = (os.O_RDONLY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)


def place(number, name, stream):
    if stream is None:
        os.close(number)
        setattr(sys, name, None)
    elif stream == "left":
        reader, writer = os.pipe()
        os.close(reader)
        os.dup2(writer, number)
        os.close(writer)
    else:
        handle = os.open(stream, FLAGS[number], 0o600)
        os.dup2(handle, number)
        os.close(handle)


def carry_out(job):
    os.chdir(job["folder"])
    for number, stream in enumerate(job["streams"]):
        place(number, ("stdin", "stdout", "stderr")[number], stream)
    sys.argv = ["campaigner", *job["arguments"]]
    main()


while line := sys.stdin.readline():
    child = os.fork()
    if child == 0:
        carry_out(json.loads(line))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
