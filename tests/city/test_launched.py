"""A city as somebody starts it: by the installed command, whose file every process that it starts reads again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_a_hamlet_lives_by_the_installed_command(tmp_path: Path) -> None:
    huifu = Path(sys.executable).with_name("huifu")
    words = ("city", "--texts", "40", "--customers", "12", "--seed", "3", "--kills", "1", "--speed", "30")
    done = subprocess.run([huifu, *words], cwd=tmp_path, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
