"""Typst itself; long papers run this file as a process of its own, which therefore imports nothing of ours."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Mapping

NOWHERE = "/nonexistent"
SECONDS = 45
"""A paper that takes longer than this is given up."""


def typeset(files: Mapping[str, bytes], data: str, moment: int, *, tags: bool = True) -> bytes:
    """The PDF of ``main.typ`` among ``files``, in memory, without network and without a path of anybody's."""
    import typst  # late: it is heavy, and few requests print

    content = typst.compile(
        dict(files),  # type: ignore[call-overload]  # several files by name: documented, missing from its stubs
        format="pdf",
        sys_inputs={"data": data},
        ignore_system_fonts=True,
        package_path=NOWHERE,
        package_cache_path=NOWHERE,
        timestamp=moment,
        pdf_tags=tags,
    )
    return bytes(content)


def typeset_apart(files: Mapping[str, bytes], data: str, moment: int) -> bytes:
    """The same by a process of its own, so that the memory a long paper takes ends with it. Tags for screen readers
    would make it ten times as large, and are left out.
    """
    job = {
        "files": {name: base64.b64encode(content).decode() for name, content in files.items()},
        "data": data,
        "moment": moment,
    }
    done = subprocess.run(  # our own program and nothing of a reader's on its command line
        [sys.executable, "-I", __file__],
        input=json.dumps(job).encode(),
        capture_output=True,
        timeout=SECONDS,
        check=True,
    )
    return done.stdout


def main() -> None:
    """Read a job from the input, write the PDF to the output."""
    job = json.load(sys.stdin.buffer)
    files = {name: base64.b64decode(content) for name, content in job["files"].items()}
    sys.stdout.buffer.write(typeset(files, job["data"], job["moment"], tags=False))


if __name__ == "__main__":
    main()
