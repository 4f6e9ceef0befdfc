"""Measurements as a file: CSV or XLSX, of any range and resolution, made while it is sent."""
