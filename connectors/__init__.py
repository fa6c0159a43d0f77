"""The connectors that come with Hookline. Owns nothing itself: each package is one plugin, found through its entry point like anyone's."""
