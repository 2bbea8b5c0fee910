export const pages = {
  overview: 'Übersicht',
  mqtt_log: 'MQTT-Protokoll',
  absent: 'Diese Seite gibt es nicht',
  forbidden: 'Nicht für Ihr Konto',
}
