"""What tools/bench runs once all is built."""

import contextlib
import io
import pathlib
import sys
import textwrap

import chart
import gate
import nginx
import report
from contestants import SERVER_CPU

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build" / "release"


def document(build, server):
    """Measures, and puts the tables and the chart of them into docs/."""
    tables = io.StringIO()
    with contextlib.redirect_stdout(tables):
        report.run(build, server, quick=False)
    lines = [each if each.startswith("|") else textwrap.fill(each, 118)
             for each in tables.getvalue().strip().splitlines()]
    introduction, line, _ = chart.DOCUMENT.read_text().partition("\n---\n")
    chart.DOCUMENT.write_text(introduction + line + "\n" + "\n".join(lines) + "\n")
    chart.main()


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
        elif what == "--document":
            document(BUILD, server)
        else:
            report.run(BUILD, server, quick=what == "--quick")


if __name__ == "__main__":
    main()
