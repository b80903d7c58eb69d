"""Fine-tune a small encoder on the CPU and export it: `python -m training.encoder`."""
