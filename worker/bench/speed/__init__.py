"""How fast the engine is: figures of steps, chains, traces and reports, as ratios taken in one run."""
