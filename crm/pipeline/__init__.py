"""Opportunities from their first stage to won or lost, with quotes, forecasts and all that hangs on them."""
