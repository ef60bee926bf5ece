"""Calibration: datasets whose truth is known, because datascan made them."""
