"""check.py ROOT: the rules, over the project. Prints what breaks one, and fails then."""
import sys

import rules

found = rules.broken(sys.argv[1])
print("\n".join(found) or f"{len(rules.ALL)} rules hold")
sys.exit(1 if found else 0)
