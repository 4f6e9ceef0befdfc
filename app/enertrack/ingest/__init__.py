"""Readings from MQTT into the store of measurements, confirmed to the meter once stored, and their summaries."""
