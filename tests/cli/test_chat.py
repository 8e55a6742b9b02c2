"""`huifu chat` as a process: somebody types, reads, and types on."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.servers.service import CHECKOUT, COMMAND, INHERITED, free_port

FILE = "phone,customer_id,name,title,card_last4\n13900139001,C1001,王小明,先生,8000\n"


def test_a_bank_that_is_down_is_waited_for_and_then_said_to_be_down(tmp_path: Path) -> None:
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    environment |= {"PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1", "SECRET_KEY": "only for tests"}
    environment |= {"DATABASE_URL": f"sqlite:///{tmp_path}/huifu.db", "BANK_URL": f"http://127.0.0.1:{free_port()}"}
    (tmp_path / "mine.csv").write_text(FILE, encoding="utf-8")
    for words in (["migrate"], ["customers", "import", "mine.csv"]):
        subprocess.run([*COMMAND, *words], cwd=tmp_path, env=environment, check=True, capture_output=True)

    with subprocess.Popen(
        [*COMMAND, "chat", "--phone", "13900139001"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as chat:
        assert chat.stdin
        assert chat.stdout
        chat.stdin.write("ED\n")
        chat.stdin.flush()
        asked = re.search(r"\d{6}", chat.stdout.readline())
        assert asked
        chat.stdin.write(f"{asked[0]}\n")
        chat.stdin.close()
        told = chat.stdout.read()
    assert "系统正忙，暂时查不到额度" in told
    assert chat.returncode == 0
