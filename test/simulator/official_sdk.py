#!/usr/bin/env python3
"""Runs calls of Cloudflare's official TypeScript SDK against the simulator.

usage: official_sdk.py SIMULATOR

The SDK is the npm package `cloudflare`, 7.3.0; CLOUDFLARE_SDK names the folder that it was
unpacked to (`npm install --prefix DIR cloudflare@7.3.0`, then DIR/node_modules/cloudflare). Without
it, or without node, there is nothing to run: exit status 77.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77


def main():
    node = shutil.which("node")
    sdk = os.environ.get("CLOUDFLARE_SDK", "")
    if not node or not Path(sdk, "index.mjs").exists():
        print("skipped: node, or the package that CLOUDFLARE_SDK names, is not there")
        return SKIPPED
    with tempfile.TemporaryDirectory() as scratch:
        authority = Path(scratch, "ca.pem")
        command = [sys.argv[1], "--quota", "none", "--ca-out", str(authority)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as simulator:
            try:
                base_url = simulator.stdout.readline().split()[-1]
                script = Path(__file__).with_suffix(".mjs")
                environment = {**os.environ, "SIMULATOR": base_url, "CLOUDFLARE_SDK": sdk,
                               "NODE_EXTRA_CA_CERTS": str(authority)}
                return subprocess.run([node, str(script)], env=environment).returncode
            finally:
                simulator.terminate()


if __name__ == "__main__":
    sys.exit(main())
