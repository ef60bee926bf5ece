"""Training: the LoRA fine-tune that makes probes, controls and teachers."""
