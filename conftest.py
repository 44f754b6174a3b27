"""Read before the tests' own conftest, and before anything loads NumPy's library.

As the launcher tells services: with small matrices a pool of threads only makes cores wait for each other; on a busy
machine the tests of recognition take five times as long with one.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
