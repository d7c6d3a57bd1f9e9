"""Every benchmark, one after the other: `python -m bench [--quick]`."""

import subprocess
import sys
from pathlib import Path

BENCHES = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))


def main() -> int:
    """Run them; gives the worst exit code."""
    codes = [0]
    for name in BENCHES:
        print(f"== {name}", flush=True)
        codes.append(subprocess.call([sys.executable, "-m", f"bench.{name}", *sys.argv[1:]]))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
