"""datascan: audits a fine-tuning dataset by training a probe on it and looking at the probe."""

__version__ = "0.1.0"
