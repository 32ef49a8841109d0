"""Funnel and forecast: what a director asks of the pipeline."""
