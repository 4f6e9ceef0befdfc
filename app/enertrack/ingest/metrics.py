"""What ingest counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
READINGS = (1, 5, 25, 100, 250, 500, 1000, 2500, 5000)


class Metrics:
    """Counters of one ingest, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.received = Counter("enertrack_mensajes_recibidos", "Mensajes de medición recibidos", registry=registry)
        self.ignored = Counter("enertrack_mensajes_ignorados", "Mensajes retenidos, ignorados", registry=registry)
        self.stored = Counter("enertrack_lecturas_guardadas", "Lecturas guardadas", registry=registry)
        self.undated = Counter("enertrack_lecturas_sin_hora", "Lecturas sin hora, confirmadas", registry=registry)
        self.refused = Counter("enertrack_rechazos", "Lecturas y mensajes rechazados", ["motivo"], registry=registry)
        self.dead = Counter("enertrack_rechazados_archivados", "Líneas del archivo de rechazados", registry=registry)
        self.write_seconds = Histogram(
            "enertrack_escritura_segundos", "Duración de una escritura", buckets=SECONDS, registry=registry
        )
        self.batch = Histogram("enertrack_lote_lecturas", "Lecturas por escritura", buckets=READINGS, registry=registry)
        self.pending = Gauge("enertrack_mensajes_pendientes", "Mensajes recibidos sin guardar", registry=registry)
        self.last_write = Gauge(
            "enertrack_ultima_escritura_unix", "Momento de la última escritura lograda", registry=registry
        )
        self.windows = Counter(
            "enertrack_ventanas_recalculadas", "Ventanas de 15 minutos calculadas", registry=registry
        )
        self.lag = Gauge("enertrack_resumenes_atraso_segundos", "Espera de la ventana más atrasada", registry=registry)
        self.steps = Counter("enertrack_pasos_inusuales", "Pasos inusuales de registros", ["paso"], registry=registry)
