"""The weights of the trained models and the code that reads them.

A model is a module here with its weight file beside it, loaded lazily once in a process, and a check in
`moderation/engine/checks/` that turns its score into a signal. The weights are fitted in `training/`.
"""
