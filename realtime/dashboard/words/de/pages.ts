export const pages = {
  overview: 'Übersicht',
  mqtt_log: 'MQTT-Protokoll',
  rules: 'Regeln',
  mock_lab: 'Mock-Labor',
  audit: 'Audit',
  users: 'Benutzer',
  account: 'Mein Konto',
  absent: 'Diese Seite gibt es nicht',
  forbidden: 'Nicht für Ihr Konto',
}
