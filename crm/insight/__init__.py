"""What customers are worth and whom to call: populations, published models, scores, the call queue and its effect."""
