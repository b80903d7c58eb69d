"""The learned models' weights and the code that reads them.

A model is one module here with its weights file beside it, loaded lazily once a process, and one
check in `moderation/engine/checks/` that turns its score into a signal. Weights come out of `training/`.
"""
