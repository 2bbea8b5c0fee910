export const pages = {
  overview: 'Übersicht',
  mqtt_log: 'MQTT-Protokoll',
  rules: 'Regeln',
  mock_lab: 'Mock-Labor',
  audit: 'Audit',
  users: 'Benutzer',
  account: 'Mein Konto',
  connect: 'Gerät verbinden',
  system: 'System',
  setup: 'Einrichten',
  absent: 'Diese Seite gibt es nicht',
  forbidden: 'Nicht für Ihr Konto',
}
