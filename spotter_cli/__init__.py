"""The `spotter` command, and what only it needs: the drawn gym and the evaluation."""
