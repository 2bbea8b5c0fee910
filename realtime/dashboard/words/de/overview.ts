export const overview = {
  devices: 'Geräte',
  first: 'Das erste Gerät verbinden',
  first_address: 'MQTT-Adresse',
  first_credentials:
    'Es braucht eigene Zugangsdaten: Koppeln Sie es unten, oder rufen Sie auf der Box {command} auf.',
  first_how: 'Richten Sie einen ESP32 auf diese Box; er erscheint hier, sobald er etwas sagt.',
  first_login: 'Anmeldung',
  first_login_id: 'seine Kennung als Benutzername, und sein Passwort',
  first_login_none: 'keine nötig',
  first_port: 'Port',
  first_tls_too: 'auch möglich',
  first_try: 'Oder versuchen Sie es von irgendeinem Rechner:',
  online: '{online} von {n} online',
  reading: 'Die Geräte werden gelesen …',
  rejected: 'Abgewiesene Geräte',
  unread: 'Die Listen ließen sich nicht lesen: {error} Nächster Versuch in ein paar Sekunden.',
  waiting: 'Warten auf Zulassung',
}
