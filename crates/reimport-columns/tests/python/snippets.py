"""Runs the Python of docs/engines.md in a folder that has `lake`, except for Spark and Ray, which are run by hand.

    snippets.py docs/engines.md
"""

import re
import sys

page = open(sys.argv[1], encoding="utf-8").read()
snippets = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
snippets = [snippet for snippet in snippets if "pyspark" not in snippet and "import ray" not in snippet]
assert len(snippets) == 3, len(snippets)
for snippet in snippets:
    exec(compile(snippet, sys.argv[1], "exec"), {})
print(f"{len(snippets)} snippets ran")
