"""What we sell, from whom it comes and what it costs: products, categories, suppliers, price lists."""
