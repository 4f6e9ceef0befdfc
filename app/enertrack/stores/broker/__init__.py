"""The MQTT broker: connections and topics."""
