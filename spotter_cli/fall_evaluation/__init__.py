"""How well falls are told from training: drawn films with known truth, and recorded clips without a fall."""
