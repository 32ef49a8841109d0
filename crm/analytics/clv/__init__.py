"""Customer lifetime value: purchase histories, buy-till-you-die models, and what customers are worth."""
