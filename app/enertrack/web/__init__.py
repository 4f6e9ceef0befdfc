"""The web application: pages, live values and data for the charts."""
