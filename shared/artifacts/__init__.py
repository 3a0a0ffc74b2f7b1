"""Where pictures, results and checkpoints are kept: a folder, or an S3-compatible store."""
