"""What the checks of the house have in common."""
import sys
from pathlib import Path


def main(faults_of, wrong, right, what):
    """Checks the sources of the tree that the command line names, and says how many faults they have.

    `faults_of` takes a path below the tree and its text. First it must notice each of the `wrong`
    pairs of those, and nothing in the `right` ones.
    """
    for name, text in wrong:
        assert list(faults_of(Path(name), text)), f"not noticed: {name}: {text}"
    for name, text in right:
        assert not list(faults_of(Path(name), text)), f"refused: {name}: {text}"
    root = Path(sys.argv[1])
    faults = []
    count = 0
    for folder in ("include/cloudflare", "src"):
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            count += 1
            faults += faults_of(path.relative_to(root), path.read_text())
    print(*faults, sep="\n")
    print(f"{count} files, {len(faults)} {what}")
    sys.exit(1 if faults or not count else 0)
