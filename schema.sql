-- Las tablas de EnerTrack para MariaDB 10.11 o posterior, generadas desde app/enertrack/stores/tables.py
-- por `python -m enertrack.stores.schema`: no se editan a mano. `enertrack db upgrade` hace lo mismo.
-- Uso, en una base vacía creada con
--   CREATE DATABASE enertrack CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;
-- es:
--   mariadb enertrack < schema.sql

CREATE TABLE `EstadoSistema` (
  clave VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  valor TEXT NOT NULL,
  actualizado DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (clave)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;

CREATE TABLE `Firmwares` (
  id INTEGER(10) UNSIGNED NOT NULL AUTO_INCREMENT,
  placa VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tamano INTEGER(10) UNSIGNED NOT NULL,
  sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  manifiesto TEXT NOT NULL,
  porcentaje SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  publicado DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  activo BOOL NOT NULL DEFAULT 1,
  PRIMARY KEY (id),
  CONSTRAINT `uq_Firmwares_placa_version` UNIQUE (placa, version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;

CREATE TABLE `Nodos` (
  id INTEGER(10) UNSIGNED NOT NULL AUTO_INCREMENT,
  esp_id VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  nombre VARCHAR(100) NOT NULL,
  descripcion VARCHAR(255),
  zona_horaria VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  activo BOOL NOT NULL DEFAULT 1,
  fecha_creacion DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  protocolo SMALLINT UNSIGNED NOT NULL DEFAULT 2,
  potencia_max_w DOUBLE NOT NULL DEFAULT 26500,
  intervalo_s INTEGER(10) UNSIGNED NOT NULL DEFAULT 60,
  ultima_lectura DATETIME,
  en_linea BOOL,
  firmware VARCHAR(32),
  senal_dbm SMALLINT,
  momento_estado DATETIME,
  padre_id INTEGER(10) UNSIGNED,
  placa SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  CONSTRAINT `uq_Nodos_esp_id` UNIQUE (esp_id),
  CONSTRAINT `fk_Nodos_padre_id` FOREIGN KEY(padre_id) REFERENCES `Nodos` (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;

CREATE TABLE `Usuarios` (
  id INTEGER(10) UNSIGNED NOT NULL AUTO_INCREMENT,
  nombre_usuario VARCHAR(80) NOT NULL,
  correo VARCHAR(254),
  password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  idioma VARCHAR(5) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'es',
  tema VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'auto',
  zona_horaria VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'America/Argentina/Buenos_Aires',
  es_admin BOOL NOT NULL DEFAULT 0,
  activo BOOL NOT NULL DEFAULT 1,
  fecha_registro DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  telegram_chat_id BIGINT,
  telegram_vinculado DATETIME,
  PRIMARY KEY (id),
  CONSTRAINT `uq_Usuarios_nombre_usuario` UNIQUE (nombre_usuario),
  CONSTRAINT `uq_Usuarios_correo` UNIQUE (correo),
  CONSTRAINT `uq_Usuarios_telegram_chat_id` UNIQUE (telegram_chat_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;

CREATE TABLE `Auditoria` (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  momento DATETIME NOT NULL,
  accion VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  usuario_id INTEGER(10) UNSIGNED,
  nodo_id INTEGER(10) UNSIGNED,
  direccion VARCHAR(45),
  detalle JSON,
  PRIMARY KEY (id),
  CONSTRAINT `fk_Auditoria_usuario_id` FOREIGN KEY(usuario_id) REFERENCES `Usuarios` (id),
  CONSTRAINT `fk_Auditoria_nodo_id` FOREIGN KEY(nodo_id) REFERENCES `Nodos` (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;

CREATE INDEX `ix_Auditoria_nodo_id_momento` ON `Auditoria` (nodo_id, momento);

CREATE INDEX `ix_Auditoria_usuario_id_momento` ON `Auditoria` (usuario_id, momento);

CREATE TABLE `Avisos` (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  usuario_id INTEGER(10) UNSIGNED NOT NULL,
  nodo_id INTEGER(10) UNSIGNED,
  canal VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  clave VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tipo VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  texto TEXT NOT NULL,
  creado DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  proximo_intento DATETIME,
  intentos SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  entregado DATETIME,
  error VARCHAR(255),
  PRIMARY KEY (id),
  CONSTRAINT `fk_Avisos_usuario_id` FOREIGN KEY(usuario_id) REFERENCES `Usuarios` (id),
  CONSTRAINT `fk_Avisos_nodo_id` FOREIGN KEY(nodo_id) REFERENCES `Nodos` (id),
  CONSTRAINT `uq_Avisos_clave` UNIQUE (clave)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;

CREATE INDEX `ix_Avisos_canal_entregado_proximo_intento` ON `Avisos` (canal, entregado, proximo_intento);

CREATE TABLE `ClavesOlvidadas` (
  token_sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  usuario_id INTEGER(10) UNSIGNED NOT NULL,
  vence DATETIME NOT NULL,
  usada DATETIME,
  PRIMARY KEY (token_sha256),
  CONSTRAINT `fk_ClavesOlvidadas_usuario_id` FOREIGN KEY(usuario_id) REFERENCES `Usuarios` (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;

CREATE TABLE `CodigosRecuperacion` (
  usuario_id INTEGER(10) UNSIGNED NOT NULL,
  codigo_sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  usado DATETIME,
  PRIMARY KEY (usuario_id, codigo_sha256),
  CONSTRAINT `fk_CodigosRecuperacion_usuario_id` FOREIGN KEY(usuario_id) REFERENCES `Usuarios` (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;

CREATE TABLE `CodigosVinculacion` (
  codigo_sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  usuario_id INTEGER(10) UNSIGNED NOT NULL,
  vence DATETIME NOT NULL,
  usado DATETIME,
  PRIMARY KEY (codigo_sha256),
  CONSTRAINT `fk_CodigosVinculacion_usuario_id` FOREIGN KEY(usuario_id) REFERENCES `Usuarios` (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;

CREATE TABLE `Invitaciones` (
  id INTEGER(10) UNSIGNED NOT NULL AUTO_INCREMENT,
  codigo_sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  nodo_id INTEGER(10) UNSIGNED,
  invitado_por INTEGER(10) UNSIGNED NOT NULL,
  rol ENUM('propietario','gestor','lector') NOT NULL,
  correo VARCHAR(254),
  creada DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  vence DATETIME NOT NULL,
  aceptada_por INTEGER(10) UNSIGNED,
  aceptada DATETIME,
  revocada DATETIME,
  con_historia BOOL NOT NULL DEFAULT 1,
  PRIMARY KEY (id),
  CONSTRAINT `uq_Invitaciones_codigo_sha256` UNIQUE (codigo_sha256),
  CONSTRAINT `fk_Invitaciones_nodo_id` FOREIGN KEY(nodo_id) REFERENCES `Nodos` (id),
  CONSTRAINT `fk_Invitaciones_invitado_por` FOREIGN KEY(invitado_por) REFERENCES `Usuarios` (id),
  CONSTRAINT `fk_Invitaciones_aceptada_por` FOREIGN KEY(aceptada_por) REFERENCES `Usuarios` (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;

CREATE TABLE `SegundosFactores` (
  usuario_id INTEGER(10) UNSIGNED NOT NULL,
  secreto VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  confirmado DATETIME,
  ultimo_paso BIGINT,
  PRIMARY KEY (usuario_id),
  CONSTRAINT `fk_SegundosFactores_usuario_id` FOREIGN KEY(usuario_id) REFERENCES `Usuarios` (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;

CREATE TABLE `Sesiones` (
  token_sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  usuario_id INTEGER(10) UNSIGNED NOT NULL,
  creada DATETIME NOT NULL,
  ultimo_uso DATETIME NOT NULL,
  vence DATETIME NOT NULL,
  direccion VARCHAR(45),
  agente VARCHAR(255),
  PRIMARY KEY (token_sha256),
  CONSTRAINT `fk_Sesiones_usuario_id` FOREIGN KEY(usuario_id) REFERENCES `Usuarios` (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;

CREATE TABLE `TokensApi` (
  id INTEGER(10) UNSIGNED NOT NULL AUTO_INCREMENT,
  usuario_id INTEGER(10) UNSIGNED NOT NULL,
  nombre VARCHAR(100) NOT NULL,
  token_sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  alcances VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  creado DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  vence DATETIME,
  ultimo_uso DATETIME,
  revocado DATETIME,
  PRIMARY KEY (id),
  CONSTRAINT `fk_TokensApi_usuario_id` FOREIGN KEY(usuario_id) REFERENCES `Usuarios` (id),
  CONSTRAINT `uq_TokensApi_token_sha256` UNIQUE (token_sha256)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;

CREATE TABLE `UsuariosNodos` (
  usuario_id INTEGER(10) UNSIGNED NOT NULL,
  nodo_id INTEGER(10) UNSIGNED NOT NULL,
  activo BOOL NOT NULL DEFAULT 1,
  ubicacion VARCHAR(100),
  fecha_asignacion DATETIME DEFAULT CURRENT_TIMESTAMP,
  ultimo_acceso DATETIME,
  rol ENUM('propietario','gestor','lector') NOT NULL DEFAULT 'lector',
  desde DATETIME,
  PRIMARY KEY (usuario_id, nodo_id),
  CONSTRAINT `fk_UsuariosNodos_usuario_id` FOREIGN KEY(usuario_id) REFERENCES `Usuarios` (id),
  CONSTRAINT `fk_UsuariosNodos_nodo_id` FOREIGN KEY(nodo_id) REFERENCES `Nodos` (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;

CREATE TABLE `UmbralesNodo` (
  usuario_id INTEGER(10) UNSIGNED NOT NULL,
  nodo_id INTEGER(10) UNSIGNED NOT NULL,
  umbral_kw NUMERIC(10, 3) NOT NULL,
  alertas_activas BOOL NOT NULL DEFAULT 1,
  estado_alerta VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'normal',
  ultima_alerta DATETIME,
  fecha_actualizacion DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (usuario_id, nodo_id),
  CONSTRAINT `fk_UmbralesNodo_usuario_id_nodo_id` FOREIGN KEY(usuario_id, nodo_id) REFERENCES `UsuariosNodos` (usuario_id, nodo_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;

CREATE TABLE alembic_version (
  version_num VARCHAR(32) NOT NULL,
  CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

INSERT INTO alembic_version (version_num) VALUES ('0002');
