"""The catalogues of readers' messages: collected from the code, merged into each language, compiled."""
