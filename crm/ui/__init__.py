"""The pages' side of the product: the only Streamlit outside Home.py, asgi.py and pages/."""
