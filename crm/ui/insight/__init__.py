"""The labs under Insight: populations, charts, and the customers behind them."""
