"""
Tests that only run when they are asked for: everything that they ask for is there.

They take long, on machines that have what they need. That one of them names a fixture which its
folder does not have is seen here, without running it.
"""

import subprocess
import sys
from pathlib import Path

_HERE = Path(__file__).parent
_ASKED_FOR = "cluster or browser or blockkit or faults or postgres or image"


def test_every_fixture_of_a_test_that_is_not_run_here_exists():
    plan = [sys.executable, "-m", "pytest", "--setup-plan", "-q", "-p", "no:cacheprovider"]
    found = subprocess.run(
        [*plan, "-m", _ASKED_FOR, str(_HERE)],
        cwd=_HERE.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0, "\n".join(found.stdout.splitlines()[-40:]) + found.stderr
