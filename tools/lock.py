"""Writes both lock files anew from pyproject.toml: `python -m tools.lock [--upgrade]`.

One lock serves every Python and system that the project supports; the development lock agrees with it.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys

COMPILE = ("pip", "compile", "--quiet", "--universal", "--python-version", "3.11")
FORM = ("--no-emit-index-url", "--generate-hashes", "--no-header")


def compile_lock(output: str, *options: str) -> None:
    """Keeps the versions of an existing `output` where they still fit, unless told to `--upgrade`."""
    command = [sys.executable, "-m", "uv", *COMPILE, *FORM, *options, "pyproject.toml", "-o", output]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def main(options: list[str]) -> None:
    if importlib.util.find_spec("uv") is None:
        print("Installing uv, which resolves the locks.", flush=True)
        install = [sys.executable, "-m", "pip", "install", "-qq", "--no-input", "uv"]
        subprocess.run(install, check=True)
    print("Resolving requirements.lock and requirements-dev.lock.", flush=True)
    compile_lock("requirements.lock", "--extra", "postgres", "--extra", "scale", *options)
    constrained = ("-c", "requirements.lock")
    compile_lock("requirements-dev.lock", "--extra", "dev", "--extra", "postgres", *constrained, *options)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except subprocess.CalledProcessError as error:
        sys.exit(f"The locks could not be written ({error.cmd[2]} ended with {error.returncode}).")
