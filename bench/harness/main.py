"""What tools/bench runs once all is built."""

import pathlib
import sys

import gate
import nginx
import report
from contestants import SERVER_CPU

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build" / "release"


def main():
    what = sys.argv[1] if len(sys.argv) > 1 else ""
    if what == "--serve":
        nginx.main()
        return
    with nginx.serve(cpu=SERVER_CPU) as server:
        if what == "--gate":
            sys.exit(gate.check(BUILD, server))
        elif what == "--record":
            gate.record(BUILD, server)
        else:
            report.run(BUILD, server, quick=what == "--quick")


if __name__ == "__main__":
    main()
