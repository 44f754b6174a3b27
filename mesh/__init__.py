"""What every service stands on: server, channels, bus, database, errors, telemetry, settings, tokens, and the launcher.

Knows nothing of gyms, people or exercises.
"""
