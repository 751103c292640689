"""The rollout most tests begin with: `tomozo`, 4 replicas, 10 % and then an endless pause."""

from .tools import ROOT

SEED = ROOT / "tests" / "manifests" / "seed.yaml"

NAME = "tomozo"
"""Of the Rollout and of its Ingress; the Services have `-stable` and `-canary` behind it."""

NEXT_IMAGE = "tomozo-repo/tomozo:0.0.2"
"""What to set for a release; the seed has 0.0.1."""
