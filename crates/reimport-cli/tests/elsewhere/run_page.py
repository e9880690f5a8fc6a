"""Runs the `$` commands of a page that write files, in the working folder."""

import re
import subprocess
import sys
from pathlib import Path

for block in re.findall(r"^```console\n(.*?)^```", Path(sys.argv[1]).read_text(), re.MULTILINE | re.DOTALL):
    # A command continues after a backslash at the end of a line. Other lines are its output.
    for command in re.findall(r"^\$ (.*(?:(?<=\\)\n.*)*)", block, re.MULTILINE):
        if command.startswith("reimport "):
            status = subprocess.run(["bash", "-o", "pipefail", "-c", command], stderr=subprocess.PIPE, text=True)
            # 1: done, with warnings.
            if status.returncode > 1:
                sys.exit(f"{sys.argv[1]}: {command}\n{status.stderr}")
