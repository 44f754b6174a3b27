"""The only door: the public API for phones and browsers, and the web app."""
