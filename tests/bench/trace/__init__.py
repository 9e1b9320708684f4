"""The forensic mark's bench, on one core as the sandbox has it: OpenBLAS reads this when NumPy is first imported, and its
threads would spin beside the work and be counted as its cost.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
