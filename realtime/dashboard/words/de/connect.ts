export const connect = {
  address: 'Es verbindet sich mit {host}, Port {port}.',
  already:
    '{id} ist schon registriert. Es kann ein neues Passwort bekommen; das alte gilt dann sofort nicht mehr.',
  another: 'Ein anderes Gerät',
  approve: '{id} einlassen',
  beat: 'Sein letzter Herzschlag kam {age}.',
  board: 'Platine',
  claim: 'Mit einem Kopplungscode',
  claim_hint:
    'Im Sketch steht kein Passwort: Das Gerät meldet sich binnen zehn Minuten mit dem Code an, Sie lassen es hier ein, und es erfährt ein eigenes Passwort.',
  clock_right: 'Seine Messwerte tragen die richtige Zeit.',
  clock_unknown: 'Zeigt sich, sobald ein Messwert da ist.',
  clocks: {
    clock_wrong:
      'Seine Uhr geht falsch; kaiser nimmt die Ankunftszeit. Stellen Sie sie nach server_time aus der Antwort auf den Herzschlag oder nach einem Zeitserver.',
    ts_missing: 'Seine Messwerte tragen keine Zeit (ts); kaiser nimmt die Ankunftszeit.',
  },
  code_left: 'Der Code gilt bis {time}.',
  config_applied:
    'Es hat seine Konfiguration übernommen: {n} Eintrag. | Es hat seine Konfiguration übernommen: {n} Einträge.',
  config_failed: 'Es hat abgelehnt, was für GPIO {gpio} konfiguriert ist.',
  config_none: 'Für dieses Gerät ist noch nichts konfiguriert.',
  config_pending:
    'Es hat {applied} von {all} Einträgen beantwortet; ein Gerät antwortet auf config_response.',
  connected_from: 'Es ist verbunden, von {address}, seit {time}.',
  connected_tls: 'Es ist über TLS verbunden, von {address}, seit {time}.',
  copied: 'Kopiert.',
  copy: 'Sketch kopieren',
  deeper: 'Seine Seite',
  download: 'Herunterladen',
  forbidden:
    'Es hat auf {topic} veröffentlicht und darf das nicht. Seine eigenen Topics beginnen mit kaiser/…/esp/ und seiner Kennung, genau wie registriert.',
  gone: 'Es war da, und seine Verbindung brach ab; zuletzt gehört {ago}. Ist es an, und im WLAN?',
  how: 'Wie es sich anmeldet',
  id: 'Kennung des Geräts',
  id_hint:
    'Wie sich das Gerät nennt: Buchstaben, Ziffern, _ und -. Üblich ist ESP_ und die letzten acht Stellen seiner MAC-Adresse.',
  id_wrong: '1 bis 50 Buchstaben, Ziffern, _ und -.',
  lead: 'Benennen Sie ein Gerät, spielen Sie seinen Sketch auf, und sehen Sie hier, was noch fehlt.',
  name: 'Name',
  new_password: 'Neues Passwort geben',
  no_beat: 'Sein Herzschlag fehlt noch: alle 60 s auf system/heartbeat, mit uptime, wifi_rssi und heap_free.',
  no_reading: 'Noch kein Messwert: auf sensor/GPIO/data, mit sensor_type und raw oder value.',
  not_copied: 'Nicht kopiert: Er ist jetzt markiert, drücken Sie Strg+C.',
  not_heard:
    'Mit dieser Kennung ist noch niemand gekommen. Ist es eingeschaltet und im WLAN? Stimmen Adresse und Port im Sketch?',
  on_topic: 'Auf {topic}.',
  once: 'Das Passwort wird nur dieses eine Mal gezeigt: Kopieren Sie den Sketch jetzt.',
  own: 'Mit eigenem Passwort',
  own_hint: 'Es steht im Sketch und gilt sofort.',
  pending: 'Es kam mit dem Kopplungscode und wartet darauf, eingelassen zu werden.',
  read: '{sensor} an GPIO {gpio}: {value}, {age}.',
  reading_error:
    '{sensor} an GPIO {gpio} wurde {age} gelesen, aber der Wert kann nicht stimmen: Prüfen Sie die Verdrahtung.',
  refused: {
    bad_credentials:
      'Abgewiesen: falscher Benutzername oder falsches Passwort. Der Benutzername ist seine Kennung, genau wie hier.',
    certificate_mismatch: 'Abgewiesen: Sein Zertifikat gehört einem anderen Gerät.',
    client_id_taken: 'Abgewiesen: Jemand anders benutzt seine Client-ID.',
    client_id_too_long: 'Abgewiesen: Seine Client-ID ist zu lang.',
    login_busy: 'Abgewiesen: zu viele Anmeldungen zugleich. Es darf es noch einmal versuchen.',
    login_cooldown: 'Abgewiesen: Drei Anmeldungen schlugen fehl, darum muss es 60 s warten.',
    not_authorized: 'Abgewiesen: Es kam ohne Benutzername und Passwort.',
  },
  refused_about: 'Einmal, von {address}, {age}. | {n}-mal, von {address}, zuletzt {age}.',
  refusals: {
    device_mismatch: 'Eine Nachricht wurde abgelehnt: esp_id oder gpio darin passen nicht zu ihrem Topic.',
    device_unknown: 'Eine Nachricht wurde abgelehnt: Das Gerät ist noch nicht eingelassen.',
    kaiser_foreign: 'Eine Nachricht galt nicht diesem kaiser: Im Topic steht eine andere kaiser_id.',
    payload_invalid: 'Eine Nachricht wurde abgelehnt: Ein Feld fehlt oder ist falsch.',
    payload_not_json:
      'Eine Nachricht wurde abgelehnt: Sie ist kein JSON. Prüfen Sie Anführungszeichen, Kommas und die Größe des Puffers.',
    payload_too_large: 'Eine Nachricht wurde abgelehnt: Sie ist über 16 KiB groß.',
    sensors_full: 'Eine Nachricht wurde abgelehnt: Das Gerät hat so viele Sensoren, wie es haben darf.',
    topic_unrouted:
      'Eine Nachricht wurde abgelehnt: kaiser kennt dieses Topic nicht. Prüfen Sie die Schreibweise.',
  },
  register: 'Registrieren',
  rejected: 'Es wurde abgelehnt. Es lässt sich trotzdem einlassen.',
  sketch: 'Sein Sketch',
  sketch_lost:
    'Sein Passwort wurde einmal gezeigt und ist hier nicht bekannt. Mit einem neuen Passwort gibt es den Sketch wieder.',
  sketches: { arduino: 'Arduino (PubSubClient)', 'esp-idf': 'ESP-IDF (esp-mqtt, QoS 1)' },
  step: {
    approved: 'Eingelassen',
    clock: 'Uhr geht richtig',
    configuration: 'Konfiguration bekannt',
    connected: 'Verbunden',
    heartbeat: 'Erster Herzschlag',
    reading: 'Erster Messwert',
  },
  steps: 'Was noch fehlt',
  states: { done: 'erledigt', waiting: 'fehlt noch', wrong: 'falsch' },
  stranger:
    'Eine Anmeldung unter einem Namen, den niemand hat, wurde abgewiesen: von {address}, {age}. War es dieses Gerät? Der Benutzername ist seine Kennung.',
  stranger_named:
    'Jemand versuchte es als {id}, das ist niemand: von {address}, {age}. War es dieses Gerät, dann ist seine Kennung falsch geschrieben.',
  tls: 'Über TLS, Port {port}',
  tls_hint: 'Dazu gehört tls/ca.h aus dem Datenverzeichnis der Box; kaiser tls init hat es angelegt.',
  whole: 'Alles in Ordnung: {id} ist verbunden.',
  wifi: 'Name des WLANs',
  wifi_hint: 'Kommt nur in den Sketch, nie zu kaiser.',
  wifi_password: 'Passwort des WLANs',
  wiring:
    'Analoge Bodensonde an GPIO {sensor}, Relais an GPIO {relay}; beide werden auch in kaiser konfiguriert. Ist nichts angeschlossen, kommt trotzdem ein Wert.',
}
