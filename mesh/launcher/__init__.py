"""Starts the whole mesh on one machine and keeps it running."""

from mesh.launcher.errors import AlreadyRunning, LauncherError, MissingTool, PartFailed, PortTaken
from mesh.launcher.layout import LauncherSettings
from mesh.launcher.mesh import Mesh

__all__ = ["AlreadyRunning", "LauncherError", "LauncherSettings", "Mesh", "MissingTool", "PartFailed", "PortTaken"]
